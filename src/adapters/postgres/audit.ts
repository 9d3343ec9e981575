import type { Json } from '../../domain/verdict';
import type { MiscStore } from '../../ports/ledger';
import { toJsonb, type Database } from './database';

interface AuditRow {
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly svc: string;
  readonly subject: string;
  readonly details: Json;
}

/** Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE. */
export function createAuditStore(db: Database): Pick<MiscStore, 'appendAudit' | 'listAudit'> {
  return {
    appendAudit: async ({ at, actor, action, svc, subject, details }, idempotencyKey) => {
      await db.query(
        `INSERT INTO audit (idempotency_key, at, actor, action, svc, subject, details)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (idempotency_key) DO NOTHING`,
        [idempotencyKey, at, actor, action, svc, subject, toJsonb(details)],
      );
    },
    listAudit: async (svc, limit) => {
      const rows = await db.query<AuditRow>(
        `SELECT at, actor, action, svc, subject, details FROM audit
         WHERE svc = $1 ORDER BY id DESC LIMIT $2`,
        [svc, limit],
      );
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
    },
  };
}
