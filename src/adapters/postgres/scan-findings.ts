import { parseDigest } from '../../domain/digest';
import { MAX_LISTED } from '../../domain/scan/covered';
import type { VerdictOutcome } from '../../domain/verdict';
import type { MatchPage, ScanFindings, ScanMatch } from '../../ports/scan-findings';
import type { Database } from './database';

interface MatchRow {
  readonly digest: string;
  readonly svc: string;
  readonly release_id: string;
  readonly at: Date;
  readonly outcome: VerdictOutcome;
  readonly database_at: string | null;
  readonly advisories: readonly string[];
  readonly listed: boolean;
}

/**
 * A release is `{svc}/{version}`; exceptions are of a service, so each has its own answer. A scan that could not tell hides none that
 * could. $1, $2: where to go on.
 */
const NEWEST = `
  scans AS (
    SELECT DISTINCT ON (subject COLLATE "C", split_part(release_id, '/', 1) COLLATE "C")
      subject AS digest, split_part(release_id, '/', 1) COLLATE "C" AS svc, release_id, at, outcome,
      evidence #>> '{database,updatedAt}' AS database_at,
      coalesce(evidence -> 'refused', '[]') AS refused,
      coalesce(evidence -> 'excepted', '[]') AS excepted
    FROM verdicts
    WHERE gate = 'scan' AND outcome IN ('pass', 'fail') AND ($1::text IS NULL OR subject COLLATE "C" >= $1)
    ORDER BY subject COLLATE "C", split_part(release_id, '/', 1) COLLATE "C", id DESC
  ),
  newest AS (
    SELECT *, ARRAY(
      SELECT DISTINCT split_part(line, ' ', 1) FROM jsonb_array_elements_text(refused || excepted) line
      ORDER BY 1
    ) AS advisories FROM scans
    WHERE $1::text IS NULL OR (digest COLLATE "C", svc) > ($1::text COLLATE "C", $2::text COLLATE "C")
  )`;

const COLUMNS = 'digest, svc, release_id, at, outcome, database_at, advisories';
const BY_PLACE = 'ORDER BY digest COLLATE "C", svc LIMIT $3';

/** However it is written: `cve-2026-1` that finds nothing would say that nothing has it. */
const LISTED = 'EXISTS (SELECT 1 FROM unnest(advisories) one (id) WHERE lower(one.id) = lower($4))';

const WITH_ADVISORY = `
  WITH ${NEWEST}
  SELECT ${COLUMNS}, ${LISTED} AS listed FROM newest
  WHERE ${LISTED} OR jsonb_array_length(refused) >= ${MAX_LISTED}
    OR jsonb_array_length(excepted) >= ${MAX_LISTED}
  ${BY_PLACE}`;

const FAILING = `
  WITH ${NEWEST}
  SELECT ${COLUMNS}, true AS listed FROM newest
  WHERE outcome = 'fail' AND (
    EXISTS (SELECT 1 FROM channels channel WHERE channel.digest = newest.digest)
    OR EXISTS (SELECT 1 FROM repository_tags tagged WHERE tagged.digest = newest.digest))
  ${BY_PLACE}`;

function toMatch(row: MatchRow): ScanMatch {
  const { svc, outcome, advisories, listed } = row;
  return {
    ...{ digest: parseDigest(row.digest), svc, releaseId: row.release_id, outcome },
    ...{ scannedAt: row.at.toISOString(), databaseAt: row.database_at, advisories, listed },
  };
}

function valuesOf({ after, limit }: MatchPage): readonly (string | number | null)[] {
  return [after?.digest ?? null, after?.svc ?? null, limit];
}

export function createPostgresScanFindings(db: Database): ScanFindings {
  return {
    withAdvisory: async (id, page) =>
      (await db.query<MatchRow>(WITH_ADVISORY, [...valuesOf(page), id])).map(toMatch),
    failing: async (page) => (await db.query<MatchRow>(FAILING, valuesOf(page))).map(toMatch),
  };
}
