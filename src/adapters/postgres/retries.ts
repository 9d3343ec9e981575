import type { ActivityRetry, RetryStore } from '../../ports/ledger';
import { toJsonb, type Database } from './database';

interface RetryRow {
  readonly release_id: string;
  readonly run_id: string;
  readonly activity_id: string;
  readonly attempt: number;
  readonly retried_from: Date;
  readonly retried_to: Date;
}

const MAX_RETRIES = 100_000;

function toRetry(row: RetryRow): ActivityRetry {
  return {
    releaseId: row.release_id,
    runId: row.run_id,
    activityId: row.activity_id,
    attempt: row.attempt,
    from: row.retried_from.toISOString(),
    to: row.retried_to.toISOString(),
  };
}

export function createRetryStore(db: Database): RetryStore {
  return {
    recordRetry: async ({ runId, activityId, attempt, releaseId, from, to }) => {
      await db.query(
        `INSERT INTO release_retries
           (run_id, activity_id, attempt, release_id, retried_from, retried_to)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
        [runId, activityId, attempt, releaseId, from, to],
      );
    },
    listRetries: async (releaseIds) => {
      const rows = await db.query<RetryRow>(
        `SELECT release_id, run_id, activity_id, attempt, retried_from, retried_to
         FROM release_retries
         WHERE release_id IN (SELECT jsonb_array_elements_text($1::jsonb))
         ORDER BY retried_from DESC, run_id, activity_id, attempt LIMIT ${MAX_RETRIES}`,
        [toJsonb(releaseIds)],
      );
      return rows.map((row) => toRetry(row)).reverse();
    },
  };
}
