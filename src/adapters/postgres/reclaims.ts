import { parseDigest } from '../../domain/digest';
import type { RecordedReclaim, Reclaims } from '../../ports/reclaims';
import { toJsonb, type Database } from './database';
import { toTime } from './registry-rows';

interface ReclaimRow {
  readonly id: string;
  readonly state: RecordedReclaim['state'];
  readonly planned_bytes: string;
  readonly before_bytes: string | null;
  readonly after_bytes: string | null;
  readonly blobs: number | null;
  readonly closed_at: Date | null;
  readonly opened_at: Date | null;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly reason: string | null;
  readonly lease_manifests: readonly { readonly repository: string; readonly digest: string }[];
}

const MAX_PAGE = 1000;

const toNumber = (text: string | null): number | null => (text === null ? null : Number(text));

function toReclaim(row: ReclaimRow): RecordedReclaim {
  return {
    id: row.id,
    state: row.state,
    plannedBytes: Number(row.planned_bytes),
    beforeBytes: toNumber(row.before_bytes),
    afterBytes: toNumber(row.after_bytes),
    blobs: row.blobs,
    closedAt: toTime(row.closed_at),
    openedAt: toTime(row.opened_at),
    startedAt: row.started_at.toISOString(),
    endedAt: toTime(row.ended_at),
    reason: row.reason,
    leaseManifests: row.lease_manifests.map(({ repository, digest }) => ({
      repository,
      digest: parseDigest(digest),
    })),
  };
}

/** Items deleted since the last reclaim that was done closed the registry, or began where it closes nothing. */
const PLANNED = `
  SELECT coalesce(sum(item.bytes), 0) FROM gc_plan_items item
  JOIN gc_plans plan ON plan.id = item.plan AND plan.started_at IS NOT NULL
  WHERE item.outcome = 'deleted' AND item.settled_at > coalesce(
    (SELECT max(coalesce(closed_at, started_at)) FROM gc_reclaims WHERE state = 'done'),
    '-infinity')`;

/** Names of columns by names of fields; none comes from outside. */
const COLUMNS = {
  state: 'state',
  beforeBytes: 'before_bytes',
  afterBytes: 'after_bytes',
  blobs: 'blobs',
  closedAt: 'closed_at',
  openedAt: 'opened_at',
  endedAt: 'ended_at',
  reason: 'reason',
  leaseManifests: 'lease_manifests',
} as const;

export function createPostgresReclaims(db: Database): Reclaims {
  return {
    begin: async (id, at) => {
      await db.query(
        `INSERT INTO gc_reclaims (id, state, planned_bytes, started_at)
         VALUES ($1, 'running', (${PLANNED}), $2) ON CONFLICT (id) DO NOTHING`,
        [id, at],
      );
      const [row] = await db.query<ReclaimRow>('SELECT * FROM gc_reclaims WHERE id = $1', [id]);
      if (!row) throw new Error(`the reclaim ${id} is gone`);
      return toReclaim(row);
    },
    tell: async (id, told) => {
      for (const [field, value] of Object.entries(told)) {
        const column = COLUMNS[field as keyof typeof COLUMNS];
        const given = Array.isArray(value) ? toJsonb(value) : (value as string | number | null);
        await db.query(`UPDATE gc_reclaims SET ${column} = $2 WHERE id = $1`, [id, given]);
      }
    },
    list: async (limit) => {
      const rows = await db.query<ReclaimRow>(
        'SELECT * FROM gc_reclaims ORDER BY started_at DESC, id LIMIT $1',
        [Math.min(limit, MAX_PAGE)],
      );
      return rows.map(toReclaim);
    },
  };
}
