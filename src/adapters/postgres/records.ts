import type { ExceptionKind } from '../../domain/exceptions/exception';
import type { MiscStore } from '../../ports/ledger';
import type { Database } from './database';
import { lockService } from './epochs';
import { toTime } from './registry-rows';

interface ExceptionRow {
  readonly id: string;
  readonly kind: ExceptionKind;
  readonly vulnerability_id: string;
  readonly package_name: string;
  readonly package_version: string | null;
  readonly svc: string | null;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
}

/** `$1` service. */
export const EXCEPTIONS_OF_SERVICE = `
  SELECT id, kind, vulnerability_id, package_name, package_version, svc, expires_at, revoked_at FROM exceptions
  WHERE approved_at IS NOT NULL AND (svc = $1 OR svc IS NULL)
  ORDER BY LEAST(expires_at, revoked_at) DESC, id LIMIT 10000`;

type Records = Omit<MiscStore, 'appendAudit' | 'listAudit'>;

async function nextNumber(db: Database, svc: string, key: string): Promise<number> {
  return db.transaction(async (sql) => {
    await lockService(sql, svc);
    const [known] = await sql.query<{ readonly number: number }>(
      'SELECT number FROM rollback_numbers WHERE svc = $1 AND idempotency_key = $2',
      [svc, key],
    );
    if (known) {
      return known.number;
    }
    const [created] = await sql.query<{ readonly number: number }>(
      `INSERT INTO rollback_numbers (svc, number, idempotency_key)
       SELECT $1, COALESCE(max(number), 0) + 1, $2 FROM rollback_numbers WHERE svc = $1
       RETURNING number`,
      [svc, key],
    );
    return created?.number ?? 1;
  });
}

async function useToken(
  db: Database,
  jti: string,
  expiresAt: string,
  usedBy: string,
): Promise<boolean> {
  // An expired token is refused by its `exp`, so its id need not be kept; a day covers any clock.
  await db.query(`DELETE FROM used_tokens WHERE expires_at < now() - interval '1 day'`);
  const rows = await db.query(
    `INSERT INTO used_tokens AS used (jti, expires_at, used_by) VALUES ($1, $2, $3)
     ON CONFLICT (jti) DO UPDATE SET used_by = used.used_by WHERE used.used_by = EXCLUDED.used_by
     RETURNING jti`,
    [jti, expiresAt, usedBy],
  );
  return rows.length === 1;
}

/** Exceptions, single-use tokens, rollback numbers and documents. */
export function createRecordStore(db: Database): Records {
  return {
    listExceptions: async (svc) => {
      const rows = await db.query<ExceptionRow>(EXCEPTIONS_OF_SERVICE, [svc]);
      return rows.map(({ id, kind, svc: of, ...row }) => ({
        id,
        kind,
        vulnerabilityId: row.vulnerability_id,
        packageName: row.package_name,
        packageVersion: row.package_version,
        svc: of,
        expiresAt: row.expires_at.toISOString(),
        revokedAt: toTime(row.revoked_at),
      }));
    },
    useTokenId: async (jti, expiresAt, usedBy) => useToken(db, jti, expiresAt, usedBy),
    nextRollbackNumber: async (svc, idempotencyKey) => nextNumber(db, svc, idempotencyKey),
    saveDocument: async (kind, key, text) => {
      await db.query(
        `INSERT INTO documents (kind, key, text) VALUES ($1, $2, $3)
         ON CONFLICT (kind, key) DO UPDATE SET text = EXCLUDED.text`,
        [kind, key, text],
      );
    },
    getDocument: async (kind, key) => {
      const [row] = await db.query<{ readonly text: string }>(
        'SELECT text FROM documents WHERE kind = $1 AND key = $2',
        [kind, key],
      );
      return row?.text ?? null;
    },
    ping: async () => {
      await db.query('SELECT 1 FROM services LIMIT 1');
    },
  };
}
