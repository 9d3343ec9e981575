import { parseDigest } from '../../domain/digest';
import type {
  AutomaticRollback,
  AutomaticRollbackEnd,
  Checks,
  NewAutomaticRollback,
  RollbackGuard,
} from '../../ports/checks';
import type { Database, Sql } from './database';

interface RollbackRow {
  readonly id: string;
  readonly svc: string;
  readonly from_digest: string;
  readonly to_digest: string;
  readonly reason: string;
  readonly at: Date;
  readonly ended: AutomaticRollbackEnd | null;
  readonly note: string;
}

function toRollback(row: RollbackRow): AutomaticRollback {
  const { id, svc, reason, note, ended: end } = row;
  return {
    id,
    svc,
    from: parseDigest(row.from_digest),
    to: parseDigest(row.to_digest),
    reason,
    at: row.at.toISOString(),
    end,
    note,
  };
}

/** Counted and noted under one lock: two runs at once can't both be let through. */
async function begin(
  sql: Sql,
  { id, svc, from, to, reason, at }: NewAutomaticRollback,
  { max, since }: RollbackGuard,
): Promise<boolean> {
  await sql.query(
    `SELECT pg_advisory_xact_lock(hashtextextended('automatic-rollback/' || $1, 0))`,
    [svc],
  );
  const known = await sql.query('SELECT 1 FROM automatic_rollbacks WHERE id = $1', [id]);
  if (known.length > 0) return true;
  const [row] = await sql.query<{ readonly made: number }>(
    `SELECT count(*)::integer AS made FROM automatic_rollbacks
     WHERE svc = $1 AND at > $2 AND ended IS DISTINCT FROM 'not-begun'`,
    [svc, since],
  );
  if (!row || row.made >= max) return false;
  await sql.query(
    `INSERT INTO automatic_rollbacks (id, svc, from_digest, to_digest, reason, at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, svc, from, to, reason, at],
  );
  return true;
}

export function createAutomaticRollbacks(
  db: Database,
): Pick<Checks, 'beginRollback' | 'endRollback' | 'rollbacks'> {
  return {
    beginRollback: async (rollback, guard) =>
      db.transaction(async (sql) => begin(sql, rollback, guard)),
    endRollback: async (id, end, note) => {
      await db.query(
        'UPDATE automatic_rollbacks SET ended = $2, note = $3 WHERE id = $1 AND ended IS NULL',
        [id, end, note],
      );
    },
    rollbacks: async (svc, limit) => {
      const rows = await db.query<RollbackRow>(
        `SELECT id, svc, from_digest, to_digest, reason, at, ended, note FROM automatic_rollbacks
         WHERE svc = $1 ORDER BY ordinal DESC LIMIT $2`,
        [svc, limit],
      );
      return rows.map(toRollback);
    },
  };
}
