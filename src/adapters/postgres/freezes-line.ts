import type { LineStop } from '../../domain/freeze';
import type { Freezes } from '../../ports/freezes';
import type { Database } from './database';

interface StopRow {
  readonly svc: string | null;
  readonly reason: string;
  readonly stopped_by: string;
  readonly stopped_at: Date;
}

interface LineStops extends Pick<Freezes, 'stop' | 'resume'> {
  /** In force; with a service those that cover it. */
  read(svc: string | null): Promise<readonly LineStop[]>;
}

const COLUMNS = 'svc, reason, stopped_by, stopped_at';

function toStop({ svc, reason, stopped_by: by, stopped_at: at }: StopRow): LineStop {
  return { svc, reason, by, at: at.toISOString() };
}

export function createLineStops(db: Database): LineStops {
  return {
    stop: async (stop) => {
      // The update changes nothing; it returns the stop that is there.
      const [row] = await db.query<StopRow>(
        `INSERT INTO line_stops AS held (svc, reason, stopped_by, stopped_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (coalesce(svc, '*')) WHERE resumed_at IS NULL
         DO UPDATE SET reason = held.reason
         RETURNING ${COLUMNS}`,
        [stop.svc, stop.reason, stop.by, stop.at],
      );
      return row ? toStop(row) : stop;
    },
    resume: async (svc, actor, reason, at) => {
      const resumed = await db.query(
        `UPDATE line_stops SET resumed_at = $4, resumed_by = $2, resume_reason = $3
         WHERE svc IS NOT DISTINCT FROM $1 AND resumed_at IS NULL RETURNING id`,
        [svc, actor, reason, at],
      );
      if (resumed.length > 0) return true;
      const before = await db.query(
        `SELECT 1 FROM line_stops
         WHERE svc IS NOT DISTINCT FROM $1 AND resumed_by = $2 AND resumed_at = $3 LIMIT 1`,
        [svc, actor, at],
      );
      return before.length > 0;
    },
    read: async (svc) => {
      const rows = await db.query<StopRow>(
        `SELECT ${COLUMNS} FROM line_stops
         WHERE resumed_at IS NULL AND ($1::text IS NULL OR svc IS NULL OR svc = $1) ORDER BY id`,
        [svc],
      );
      return rows.map(toStop);
    },
  };
}
