import { parseDigest } from '../../domain/digest';
import type {
  RecordedTombstone,
  Tombstone,
  Tombstones,
  TombstoneState,
} from '../../ports/tombstones';
import { toJsonb, type Database } from './database';

interface TombstoneRow {
  readonly repository: string;
  readonly digest: string;
  readonly plan: string;
  readonly media_type: string;
  readonly size: number;
  readonly tags: readonly string[];
  readonly deleted_at: Date;
  readonly state: TombstoneState;
  readonly state_at: Date;
  readonly state_by: string;
}

const COLUMNS =
  'repository, digest, plan, media_type, size, tags, deleted_at, state, state_at, state_by';

type Common = Omit<Tombstone, 'bytes'>;

function toCommon(row: TombstoneRow): Common {
  return {
    repository: row.repository,
    digest: parseDigest(row.digest),
    mediaType: row.media_type,
    tags: row.tags,
    planId: row.plan,
    deletedAt: row.deleted_at.toISOString(),
  };
}

function toRecorded(row: TombstoneRow): RecordedTombstone {
  const { state, size, state_by: stateBy } = row;
  return { ...toCommon(row), state, size, stateAt: row.state_at.toISOString(), stateBy };
}

/** One that was put back, and is deleted by the same plan after all, is buried anew. */
const BURY = `
  INSERT INTO gc_tombstones AS tomb
    (repository, digest, plan, media_type, bytes, size, tags, deleted_at, state, state_at, state_by)
  VALUES ($1, $2, $3, $4, decode($5, 'base64'), $6, ARRAY(SELECT jsonb_array_elements_text($7::jsonb)),
    $8::timestamptz, 'buried', $8::timestamptz, $3)
  ON CONFLICT (repository, digest, plan) DO UPDATE SET
    bytes = excluded.bytes,
    tags = ARRAY(SELECT DISTINCT tag FROM unnest(tomb.tags || excluded.tags) AS one (tag) ORDER BY tag),
    deleted_at = CASE tomb.state WHEN 'buried' THEN tomb.deleted_at ELSE excluded.deleted_at END,
    state = 'buried',
    state_at = CASE tomb.state WHEN 'buried' THEN tomb.state_at ELSE excluded.state_at END,
    state_by = CASE tomb.state WHEN 'buried' THEN tomb.state_by ELSE excluded.state_by END`;

const IS_OURS = `repository = $1 AND digest = $2 AND plan = $3 AND state = 'buried'`;

export function createPostgresTombstones(db: Database): Tombstones {
  return {
    bury: async ({ repository, digest, planId, mediaType, bytes, tags, deletedAt }) => {
      const sorted = [...new Set(tags)].sort();
      const values = [repository, digest, planId, mediaType, bytes.toString('base64')];
      await db.query(BURY, [...values, bytes.length, toJsonb(sorted), deletedAt]);
    },
    exhume: async ({ repository, digest, planId }, tag) => {
      await db.transaction(async (sql) => {
        const key = [repository, digest, planId];
        await sql.query(`UPDATE gc_tombstones SET tags = array_remove(tags, $4) WHERE ${IS_OURS}`, [
          ...key,
          tag,
        ]);
        await sql.query(`DELETE FROM gc_tombstones WHERE ${IS_OURS} AND tags = '{}'`, key);
      });
    },
    find: async (repository, digest) => {
      const [row] = await db.query<TombstoneRow & { readonly bytes: Buffer }>(
        `SELECT ${COLUMNS}, bytes FROM gc_tombstones
         WHERE repository = $1 AND digest = $2 AND state = 'buried'
         ORDER BY deleted_at DESC LIMIT 1`,
        [repository, digest],
      );
      return row ? { ...toCommon(row), bytes: row.bytes } : null;
    },
    list: async ({ repository = null, state = null, limit }) => {
      const rows = await db.query<TombstoneRow>(
        `SELECT ${COLUMNS} FROM gc_tombstones
         WHERE ($1::text IS NULL OR repository = $1) AND ($2::text IS NULL OR state = $2)
         ORDER BY deleted_at DESC, repository, digest LIMIT $3`,
        [repository, state, limit],
      );
      return rows.map(toRecorded);
    },
    markRestored: async (repository, digest, by, at) => {
      await db.query(
        `UPDATE gc_tombstones SET state = 'restored', state_at = $4, state_by = $3
         WHERE repository = $1 AND digest = $2 AND state = 'buried'`,
        [repository, digest, by, at],
      );
    },
    markReclaimed: async (before, by, at) => {
      const [row] = await db.query<{ readonly count: number }>(
        `WITH gone AS (
           UPDATE gc_tombstones SET state = 'reclaimed', bytes = NULL, state_at = $3, state_by = $2
           WHERE state = 'buried' AND deleted_at <= $1 RETURNING 1)
         SELECT count(*)::integer AS count FROM gone`,
        [before, by, at],
      );
      return row?.count ?? 0;
    },
  };
}
