import type { RevokedKey } from '../../domain/key-revocations';
import type { KeyRevocations } from '../../ports/key-revocations';
import type { Database, PostgresOptions } from './database';
import { listenFor } from './listen';
import { toTime } from './registry-rows';

interface RevocationRow {
  readonly key_id: string;
  readonly version: string;
  readonly public_key: string;
  readonly revoked_at: Date;
  readonly trusted_before: Date | null;
  readonly reason: string;
  readonly actor: string;
}

function toRevoked(row: RevocationRow): RevokedKey {
  return {
    keyId: row.key_id,
    version: row.version,
    publicKey: row.public_key,
    revokedAt: row.revoked_at.toISOString(),
    trustedBefore: toTime(row.trusted_before),
    reason: row.reason,
    by: row.actor,
  };
}

export function createPostgresKeyRevocations(
  db: Database,
  options: PostgresOptions,
): KeyRevocations {
  return {
    revoke: async (key, idempotencyKey) => {
      const { keyId, version, publicKey, revokedAt, trustedBefore, reason, by } = key;
      await db.query(
        `INSERT INTO key_revocations
           (key_id, version, public_key, revoked_at, trusted_before, reason, actor, idempotency_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (idempotency_key) DO NOTHING`,
        [keyId, version, publicKey, revokedAt, trustedBefore, reason, by, idempotencyKey],
      );
    },
    list: async () => {
      const rows = await db.query<RevocationRow>(
        `SELECT key_id, version, public_key, revoked_at, trusted_before, reason, actor
         FROM key_revocations ORDER BY id`,
      );
      return rows.map(toRevoked);
    },
    watch: (onChange, signal) => {
      listenFor('plura_key_revocations', options, onChange, signal);
    },
  };
}
