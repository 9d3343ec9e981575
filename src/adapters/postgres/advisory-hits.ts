import type { AdvisorySeverity } from '../../domain/advisories/advisory';
import type { AdvisoryHit } from '../../domain/advisories/case';
import { parseDigest, type Digest } from '../../domain/digest';
import type { ChannelName } from '../../domain/reference';
import type { HitAnswer } from '../../ports/advisory-matches';
import { toJsonb, type Database } from './database';

interface HitRow {
  readonly advisory: string;
  readonly severity: AdvisorySeverity;
  readonly svc: string;
  readonly digest: string;
  readonly channels: readonly ChannelName[];
  readonly running: readonly string[];
  readonly purl: string;
  readonly fixed: string | null;
  readonly since: Date | null;
}

/** A digest may be of several services, each with its own channels; of an advisory the severest component, then by purl. */
const HITS = `
  WITH placed AS (
    SELECT svc, digest, array_agg(DISTINCT channel::text) FILTER (WHERE channel IS NOT NULL) AS channels,
      array_agg(DISTINCT env::text) FILTER (WHERE env IS NOT NULL) AS running, min(changed_at) AS since
    FROM (
      SELECT svc, digest, channel, NULL AS env, changed_at FROM channels WHERE digest IS NOT NULL
      UNION ALL
      SELECT svc, digest, NULL, env, NULL FROM running_digests
    ) one GROUP BY svc, digest
  )
  SELECT DISTINCT ON (held.advisory, placed.svc, placed.digest COLLATE "C")
    held.advisory, held.severity, placed.svc, placed.digest, component.purl, held.fixed, placed.since,
    coalesce(placed.channels, '{}') AS channels, coalesce(placed.running, '{}') AS running
  FROM placed JOIN component_digests made USING (digest)
  CROSS JOIN LATERAL unnest(made.components) AS part (id)
  JOIN advisory_matches held ON held.component = part.id
  JOIN components component ON component.id = part.id
  WHERE held.severity IN ('CRITICAL', 'HIGH') AND ($1::text IS NULL OR upper(held.advisory) = upper($1))
  ORDER BY held.advisory, placed.svc, placed.digest COLLATE "C",
    array_position(ARRAY['CRITICAL', 'HIGH'], held.severity), component.purl`;

function toHit({ digest, fixed, since, ...row }: HitRow): AdvisoryHit {
  return {
    ...row,
    digest: parseDigest(digest),
    fixedVersion: fixed,
    since: since?.toISOString() ?? null,
  };
}

export async function readHits(
  db: Database,
  advisory: string | null,
): Promise<readonly AdvisoryHit[]> {
  return (await db.query<HitRow>(HITS, [advisory])).map(toHit);
}

const HIT_ANSWERS = `
  SELECT digest, hit FROM (
    SELECT one.*, EXISTS (
      SELECT 1 FROM advisory_matches held
      WHERE held.component = ANY (one.components) AND upper(held.advisory) = upper($1)) AS hit
    FROM component_digests one
    WHERE NOT one.gone AND one.digest IN (SELECT jsonb_array_elements_text($2::jsonb))
  ) known
  WHERE hit OR (uncovered = '{}' AND NOT EXISTS (
    SELECT 1 FROM components part WHERE part.id = ANY (known.components) AND NOT part.matched))
  ORDER BY digest COLLATE "C"`;

export async function readHitAnswers(
  db: Database,
  advisory: string,
  digests: readonly Digest[],
): Promise<readonly HitAnswer[]> {
  const values = [advisory, toJsonb(digests)];
  const rows = await db.query<{ readonly digest: string; readonly hit: boolean }>(
    HIT_ANSWERS,
    values,
  );
  return rows.map(({ digest, hit }) => ({ digest: parseDigest(digest), hit }));
}
