import { isDigest, parseDigest } from '../../domain/digest';
import type { Reach, Root, RootFacts, RootReason } from '../../domain/gc/roots';
import { channelName, parseChannel } from '../../domain/reference';
import type { GcRoots, RootsQuery } from '../../ports/gc-roots';
import type { Database } from './database';

interface RootRow {
  readonly reason: RootReason;
  readonly digest: string;
  readonly detail: string;
}

interface StayRow {
  readonly svc: string;
  readonly channel: string;
  readonly digest: string;
  readonly left_at: Date;
}

/** A release that ended has an outcome; a run of it that is not the newest is over whatever it says. */
const IN_FLIGHT = `
  SELECT 'release-in-flight', digest, 'release ' || release_id FROM release_runs run
  WHERE outcome IS NULL AND digest IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM release_runs newer
    WHERE newer.release_id = run.release_id AND newer.ordinal > run.ordinal)`;

/** Bases that the builds of what is still here came from, as their verdicts name them: a digest, or repository@digest. */
const BASES = `
  SELECT 'base-in-use', right(base, 71), 'base of ' || min(subject) FROM (
    SELECT subject, jsonb_array_elements_text(evidence -> 'bases') AS base FROM verdicts
    WHERE gate IN ('build', 'provenance') AND jsonb_typeof(evidence -> 'bases') = 'array'
      AND subject IN (SELECT digest FROM manifests)
  ) built GROUP BY right(base, 71)`;

const ROOTS = `
  SELECT 'channel' AS reason, digest::text AS digest, channel || ' of ' || svc AS detail
  FROM channels WHERE digest IS NOT NULL
  UNION ALL
  SELECT 'channel', next, channel || ' of ' || svc || ', under way' FROM channel_moves
  WHERE state = 'open' AND next IS NOT NULL
  UNION ALL
  SELECT 'revert-key', unnest(ARRAY[to_digest::text, from_digest::text]),
    'revert key ' || key_id || ' of ' || svc
  FROM revert_keys WHERE used_at IS NULL AND expires_at > $1::timestamptz
  UNION ALL ${IN_FLIGHT}
  UNION ALL
  SELECT 'lease', digest, reason || ' of ' || svc FROM gc_leases WHERE expires_at > $1::timestamptz
  UNION ALL
  SELECT 'hold', digest, 'hold ' || hold_id || ' by ' || actor || ': ' || reason FROM digest_holds
  WHERE released_at IS NULL AND (expires_at IS NULL OR expires_at > $1::timestamptz)
  UNION ALL
  SELECT 'grant', digest, 'grant ' || id || ' to ' || owner || ': ' || reason FROM allow_grants
  WHERE revoked_at IS NULL AND expires_at > $1::timestamptz
  UNION ALL
  SELECT 'quarantine-evidence', digest, 'quarantined by ' || actor || ': ' || reason FROM quarantines
  WHERE lifted_at IS NULL AND (expires_at IS NULL OR expires_at > $1::timestamptz)
  UNION ALL ${BASES}`;

/** Where each digest was, and until when at the latest; what is there now, until now. */
const STAYS = `
  SELECT svc, channel, digest, max(left_at) AS left_at FROM (
    SELECT svc, channel, next AS digest, coalesce(
      lead(done_at) OVER (PARTITION BY svc, channel ORDER BY done_order), $1::timestamptz) AS left_at
    FROM channel_moves WHERE state = 'done'
    UNION ALL
    SELECT svc, channel, replaced, done_at FROM channel_moves WHERE state = 'done'
    UNION ALL
    SELECT svc, channel, digest, $1::timestamptz FROM channels
  ) stay WHERE digest IS NOT NULL GROUP BY svc, channel, digest`;

/** In a verdict `no digest` stands where a material had none. */
function toRoot({ digest, ...row }: RootRow): readonly Root[] {
  return isDigest(digest) ? [{ digest, ...row }] : [];
}

function toHistory(row: StayRow, { at, windowMs }: RootsQuery): readonly Root[] {
  const now = Date.parse(at);
  const leftAt = row.left_at.getTime();
  const isThere = leftAt >= now;
  if (isThere || leftAt <= now - windowMs(channelName(parseChannel(row.channel)))) return [];
  const detail = `${row.channel} of ${row.svc} until ${row.left_at.toISOString()}`;
  return [{ digest: parseDigest(row.digest), reason: 'channel-history', detail }];
}

/** One a digest and channel, whichever service it was of. */
function toReaches(rows: readonly StayRow[]): readonly Reach[] {
  const reaches = new Map<string, Reach>();
  for (const { channel, digest, left_at: leftAt } of rows) {
    const key = `${channel} ${digest}`;
    const lastAtMs = Math.max(leftAt.getTime(), reaches.get(key)?.lastAtMs ?? 0);
    const name = channelName(parseChannel(channel));
    reaches.set(key, { digest: parseDigest(digest), channel: name, lastAtMs });
  }
  return [...reaches.values()];
}

/** `db` lets a statement run long: all moves there ever were are read at once. */
export function createPostgresGcRoots(db: Database): GcRoots {
  return {
    read: async (query): Promise<RootFacts> =>
      db.transaction(async (sql) => {
        await sql.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
        const roots = await sql.query<RootRow>(ROOTS, [query.at]);
        const stays = await sql.query<StayRow>(STAYS, [query.at]);
        return {
          roots: [...roots.flatMap(toRoot), ...stays.flatMap((row) => toHistory(row, query))],
          reaches: toReaches(stays),
          missing: [],
        };
      }),
  };
}
