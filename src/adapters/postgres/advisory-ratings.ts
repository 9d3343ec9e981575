import type { AdvisorySeverity } from '../../domain/advisories/advisory';
import { parseDigest, type Digest } from '../../domain/digest';
import type { SettledRatings, UnmatchedPlace } from '../../ports/advisory-matches';
import { toJsonb, type Database } from './database';

/** The SBOM that the newest release recorded of digest `of`. */
const RECORDED = (of: string): string => `
  SELECT evidence ->> 'document' AS document FROM verdicts
  WHERE gate = 'sbom' AND outcome = 'pass' AND subject = ${of} ORDER BY id DESC LIMIT 1`;

/** Parts of `known` that were never matched. */
const UNMATCHED_PARTS = `
  SELECT 1 FROM components part WHERE part.id = ANY (known.components) AND NOT part.matched`;

/** In one statement, so that no other database is begun with in between. */
const RATINGS = `
  WITH last AS (SELECT * FROM advisory_databases ORDER BY begun_at DESC, id DESC LIMIT 1)
  SELECT known.digest, last.digest AS database, last.updated_at, ARRAY(
      SELECT DISTINCT held.severity FROM advisory_matches held
      WHERE held.component = ANY (known.components) AND upper(held.advisory) = upper($1)
    ) AS severities
  FROM last CROSS JOIN component_digests known
  WHERE last.matched_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM advisory_databases other WHERE other.updated_at > last.updated_at)
    AND known.digest IN (SELECT jsonb_array_elements_text($2::jsonb))
    AND NOT known.gone AND known.uncovered = '{}' AND NOT EXISTS (${UNMATCHED_PARTS})
    AND coalesce((${RECORDED('known.digest')}) = known.sbom::text, true)
  ORDER BY known.digest COLLATE "C"`;

interface RatingRow {
  readonly digest: string;
  readonly database: string;
  readonly updated_at: Date;
  readonly severities: readonly AdvisorySeverity[];
}

export async function readRatings(
  db: Database,
  advisory: string,
  digests: readonly Digest[],
): Promise<SettledRatings | null> {
  const rows = await db.query<RatingRow>(RATINGS, [advisory, toJsonb(digests)]);
  const [first] = rows;
  if (!first) return null;
  return {
    database: { digest: first.database, updatedAt: first.updated_at.toISOString() },
    ratings: rows.map(({ digest, severities }) => ({ digest: parseDigest(digest), severities })),
  };
}

/** What is missing here is what the index calls so: of a release that was not given up, and not deleted. */
const UNMATCHED = `
  SELECT placed.svc, placed.digest, placed.place FROM (
    SELECT svc, digest, channel::text AS place FROM channels WHERE digest IS NOT NULL
    UNION ALL
    SELECT svc, digest, 'runs in ' || env FROM running_digests
  ) placed
  LEFT JOIN component_digests known USING (digest)
  LEFT JOIN LATERAL (${RECORDED('placed.digest')}) sbom ON true
  WHERE placed.svc IN (SELECT jsonb_array_elements_text($1::jsonb)) AND known.gone IS NOT TRUE AND (
    EXISTS (${UNMATCHED_PARTS})
    OR (sbom.document IS NOT NULL AND known.sbom::text IS DISTINCT FROM sbom.document
      AND EXISTS (SELECT 1 FROM release_runs run WHERE run.digest = placed.digest
        AND (run.outcome IS NULL OR run.outcome = 'released')
        AND run.status ->> 'repository' IS NOT NULL)))
  ORDER BY placed.svc, placed.place COLLATE "C", placed.digest COLLATE "C" LIMIT $2`;

interface PlaceRow {
  readonly svc: string;
  readonly digest: string;
  readonly place: string;
}

export async function readUnmatched(
  db: Database,
  services: readonly string[],
  limit: number,
): Promise<readonly UnmatchedPlace[]> {
  const rows = await db.query<PlaceRow>(UNMATCHED, [toJsonb(services), limit]);
  return rows.map(({ svc, digest, place }) => ({ svc, digest: parseDigest(digest), where: place }));
}
