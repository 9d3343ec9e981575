import type { CheckFinding } from '../../domain/continuous-check/finding';
import {
  samenessOf,
  type CheckOutcome,
  type ServiceCheck,
} from '../../domain/continuous-check/service-check';
import type { Checks, RecordedCheck } from '../../ports/checks';
import { createAutomaticRollbacks } from './automatic-rollbacks';
import { toJsonb, type Database, type Sql } from './database';

interface CheckRow {
  readonly svc: string;
  readonly run_id: string;
  readonly outcome: CheckOutcome;
  readonly digests: number;
  readonly findings: readonly CheckFinding[];
  readonly note: string;
  readonly since: Date;
  readonly at: Date;
  readonly runs: number;
}

const COLUMNS = 'svc, run_id, outcome, digests, findings, note, since, at, runs';

function toCheck(row: CheckRow): RecordedCheck {
  const { svc, outcome, digests, findings, note, runs } = row;
  return {
    svc,
    runId: row.run_id,
    at: row.at.toISOString(),
    outcome,
    digests,
    findings,
    note,
    since: row.since.toISOString(),
    runs,
  };
}

async function record(sql: Sql, check: ServiceCheck): Promise<readonly CheckRow[]> {
  const { svc, runId, at, outcome, digests, findings, note } = check;
  // A row of the service may not be there yet to be locked.
  await sql.query(`SELECT pg_advisory_xact_lock(hashtextextended('service-check/' || $1, 0))`, [
    svc,
  ]);
  const [last] = await sql.query<CheckRow & { readonly id: string; readonly sameness: string }>(
    `SELECT id, sameness, ${COLUMNS} FROM service_checks WHERE svc = $1 ORDER BY id DESC LIMIT 1`,
    [svc],
  );
  if (last?.run_id === runId) return [last];
  if (last?.sameness === samenessOf(check)) {
    return sql.query<CheckRow>(
      `UPDATE service_checks SET run_id = $2, at = $3, digests = $4, findings = $5, note = $6,
         runs = runs + 1
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [last.id, runId, at, digests, toJsonb(findings), note],
    );
  }
  return sql.query<CheckRow>(
    `INSERT INTO service_checks
       (svc, run_id, at, since, outcome, sameness, digests, findings, note, runs)
     VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, 1) RETURNING ${COLUMNS}`,
    [svc, runId, at, outcome, samenessOf(check), digests, toJsonb(findings), note],
  );
}

export function createPostgresChecks(db: Database): Checks {
  return {
    record: async (check) => {
      const [row] = await db.transaction(async (sql) => record(sql, check));
      return row ? toCheck(row) : { ...check, since: check.at, runs: 1 };
    },
    newest: async ({ after = '', limit }) => {
      const rows = await db.query<CheckRow>(
        `SELECT DISTINCT ON (svc) ${COLUMNS} FROM service_checks
         WHERE svc > $1 ORDER BY svc, id DESC LIMIT $2`,
        [after, limit],
      );
      return rows.map(toCheck);
    },
    history: async (svc, limit) => {
      const rows = await db.query<CheckRow>(
        `SELECT ${COLUMNS} FROM service_checks WHERE svc = $1 ORDER BY id DESC LIMIT $2`,
        [svc, limit],
      );
      return rows.map(toCheck);
    },
    ...createAutomaticRollbacks(db),
  };
}
