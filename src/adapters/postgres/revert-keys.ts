import { parseDigest } from '../../domain/digest';
import type { RevertKey, RevertKeyStore } from '../../ports/ledger';
import type { Database } from './database';

interface RevertKeyRow {
  readonly key_id: string;
  readonly svc: string;
  readonly to_digest: string;
  readonly from_digest: string;
  readonly expires_at: Date;
  readonly used_at: Date | null;
}

function toRevertKey(row: RevertKeyRow): RevertKey {
  return {
    keyId: row.key_id,
    svc: row.svc,
    to: parseDigest(row.to_digest),
    from: parseDigest(row.from_digest),
    expiresAt: row.expires_at.toISOString(),
    usedAt: row.used_at?.toISOString() ?? null,
  };
}

const SELECT = 'SELECT key_id, svc, to_digest, from_digest, expires_at, used_at FROM revert_keys';

/** A secret is looked up by its SHA-256 in an index: timing tells about hashes, from which no secret follows. */
export function createRevertKeyStore(db: Database): RevertKeyStore {
  async function find(where: string, value: string): Promise<RevertKey | null> {
    const [row] = await db.query<RevertKeyRow>(`${SELECT} WHERE ${where} = $1`, [value]);
    return row ? toRevertKey(row) : null;
  }

  return {
    issueRevertKey: async (key, secretHash) => {
      await db.query(
        `INSERT INTO revert_keys (key_id, svc, to_digest, from_digest, secret_hash, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key_id) DO NOTHING`,
        [key.keyId, key.svc, key.to, key.from, secretHash, key.expiresAt],
      );
    },
    findRevertKey: async (secretHash) => find('secret_hash', secretHash),
    getRevertKey: async (keyId) => find('key_id', keyId),
    useRevertKey: async (keyId, usedBy, at) => {
      const rows = await db.query(
        `UPDATE revert_keys SET used_by = $2, used_at = COALESCE(used_at, $3)
         WHERE key_id = $1 AND (used_by IS NULL OR used_by = $2) RETURNING key_id`,
        [keyId, usedBy, at],
      );
      return rows.length === 1;
    },
  };
}
