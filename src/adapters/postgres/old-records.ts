import type { AgeingRecord, OldRecords } from '../../ports/old-records';
import type { Database } from './database';
import { OLD_PLANS } from './old-plans';

/**
 * The oldest few are looked at, and go if they are old: ids rise with time, near enough, so nothing else has to be read where
 * nothing is old.
 */
const OLDEST: Readonly<Record<AgeingRecord, string>> = {
  'registry-events': `DELETE FROM registry_events WHERE id IN (
     SELECT id FROM (SELECT id, at FROM registry_events ORDER BY id LIMIT $2) oldest WHERE at < $1::timestamptz)`,
  'tag-moves': `DELETE FROM tag_moves WHERE id IN (
     SELECT id FROM (SELECT id, at FROM tag_moves ORDER BY id LIMIT $2) oldest WHERE at < $1::timestamptz)`,
  'storage-samples': `DELETE FROM storage_samples WHERE day IN (
     SELECT day FROM storage_samples WHERE day < ($1::timestamptz AT TIME ZONE 'UTC')::date ORDER BY day LIMIT $2)`,
  'upload-leases': `DELETE FROM upload_leases WHERE (repository, digest) IN (
     SELECT repository, digest FROM upload_leases WHERE leased_at < $1::timestamptz
     ORDER BY leased_at LIMIT $2)`,
  ...OLD_PLANS,
};

export function createPostgresOldRecords(db: Database): OldRecords {
  return {
    forget: async (kind, before, limit) => {
      const [row] = await db.query<{ readonly gone: number }>(
        `WITH gone AS (${OLDEST[kind]} RETURNING 1) SELECT count(*)::integer AS gone FROM gone`,
        [before, limit],
      );
      return row?.gone ?? 0;
    },
  };
}
