import type { Activity, Inventory, RegistryEvent } from '../../ports/inventory';
import { toJsonb, type Database, type Sql } from './database';

type ActivityStore = Pick<
  Inventory,
  'recordActivity' | 'recordEvent' | 'recordHeard' | 'recordWalk' | 'listEvents'
>;

const MAX_EVENTS = 1000;

interface EventRow extends Omit<RegistryEvent, 'at'> {
  readonly at: Date;
}

/** Locks in one order, since several gateways write at the same time. */
async function touchTags(db: Database, reads: readonly Activity[]): Promise<void> {
  await db.query(
    `WITH read AS (
       SELECT repository, tag, max(at) AS at
       FROM jsonb_to_recordset($1::jsonb) AS one (repository text, tag text, at timestamptz)
       WHERE tag IS NOT NULL GROUP BY repository, tag
     ), stale AS (
       SELECT held.repository, held.tag, read.at
       FROM repository_tags held JOIN read ON held.repository = read.repository AND held.tag = read.tag
       WHERE held.last_pulled_at IS NULL OR held.last_pulled_at < read.at
       ORDER BY held.repository, held.tag FOR UPDATE OF held
     )
     UPDATE repository_tags held SET last_pulled_at = stale.at FROM stale
     WHERE held.repository = stale.repository AND held.tag = stale.tag`,
    [toJsonb(reads)],
  );
}

async function touchManifests(db: Database, reads: readonly Activity[]): Promise<void> {
  await db.query(
    `WITH read AS (
       SELECT repository, digest, max(at) AS at
       FROM jsonb_to_recordset($1::jsonb) AS one (repository text, digest text, at timestamptz)
       GROUP BY repository, digest
     ), stale AS (
       SELECT held.repository, held.digest, read.at
       FROM manifests held
       JOIN read ON held.repository = read.repository AND held.digest = read.digest
       WHERE held.last_pulled_at IS NULL OR held.last_pulled_at < read.at
       ORDER BY held.repository, held.digest FOR NO KEY UPDATE OF held
     )
     UPDATE manifests held SET last_pulled_at = stale.at FROM stale
     WHERE held.repository = stale.repository AND held.digest = stale.digest`,
    [toJsonb(reads)],
  );
}

export async function recordEvent(sql: Sql, event: RegistryEvent): Promise<void> {
  const { kind, repository, reference, actor, at, detail } = event;
  await sql.query(
    `INSERT INTO registry_events (kind, repository, reference, actor, at, detail)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [kind, repository, reference, actor, at, toJsonb(detail)],
  );
}

export function createActivityStore(db: Database): ActivityStore {
  return {
    recordActivity: async (reads) => {
      if (reads.length === 0) return;
      await touchTags(db, reads);
      await touchManifests(db, reads);
    },
    recordEvent: async (event) => recordEvent(db, event),
    recordHeard: async (at) => {
      await db.query(
        `INSERT INTO gateway_reports AS held (heard_at) VALUES ($1)
         ON CONFLICT (single) DO UPDATE SET heard_at = greatest(held.heard_at, excluded.heard_at)`,
        [at],
      );
    },
    recordWalk: async (at) => {
      await db.query(
        `INSERT INTO registry_walks AS held (walked_at) VALUES ($1)
         ON CONFLICT (single) DO UPDATE SET walked_at = greatest(held.walked_at, excluded.walked_at)`,
        [at],
      );
    },
    listEvents: async ({ kind, limit }) => {
      const rows = await db.query<EventRow>(
        `SELECT kind, repository, reference, actor, at, detail FROM registry_events
         WHERE $1::text IS NULL OR kind = $1 ORDER BY id DESC LIMIT $2`,
        [kind ?? null, Math.min(limit, MAX_EVENTS)],
      );
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
    },
  };
}
