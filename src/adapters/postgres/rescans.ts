import { parseDigest } from '../../domain/digest';
import type { KeptBy, LastScan } from '../../domain/rescan';
import { KEEPS_ONLY } from '../../ports/allow-list';
import type { KeptQuery, KeptScan, Rescans } from '../../ports/rescans';
import { toJsonb, type Database } from './database';

interface KeptRow {
  readonly svc: string;
  readonly digest: string;
  readonly kept: readonly KeptBy[];
  readonly release_id: string;
  readonly repository: string;
  readonly at: Date | null;
  readonly outcome: LastScan['outcome'] | null;
  readonly database: string | null;
  readonly refused: readonly string[] | null;
  readonly sbom: string | null;
  readonly touched: boolean | null;
}

/** $1 since when and $2 how many of the rollback window, $3 what runs. */
const KEPT = `
  kept (svc, digest, why) AS (
    SELECT svc, digest, channel FROM channels WHERE digest IS NOT NULL
    UNION
    SELECT svc, next, 'rollback-window' FROM (
      SELECT svc, next, row_number() OVER (PARTITION BY svc ORDER BY max(done_order) DESC) AS place
      FROM channel_moves
      WHERE channel = 'prod:stable' AND state = 'done' AND next IS NOT NULL GROUP BY svc, next
    ) pin WHERE place <= $2::integer + 1
    UNION
    SELECT svc, replaced, 'rollback-window' FROM channel_moves
    WHERE channel = 'prod:stable' AND state = 'done' AND replaced IS NOT NULL
      AND done_at > $1::timestamptz
    UNION
    SELECT run.svc, held.digest, 'hold' FROM digest_holds held JOIN release_runs run USING (digest)
    WHERE NOT starts_with(held.hold_id, '${KEEPS_ONLY}')
      AND held.released_at IS NULL AND (held.expires_at IS NULL OR held.expires_at > now())
    UNION
    SELECT run.svc, given.digest, 'grant' FROM allow_grants given JOIN release_runs run USING (digest)
    WHERE given.revoked_at IS NULL AND given.expires_at > now()
    UNION
    SELECT svc, digest, 'running' FROM jsonb_to_recordset($3::jsonb) AS one (svc text, digest text)
  ),
  images AS (
    SELECT svc, digest, array_agg(why ORDER BY why COLLATE "C") AS kept FROM kept
    WHERE ($4::text IS NULL OR svc = $4) AND ($5::text IS NULL OR digest = $5)
      -- Nobody rolls back to what is remembered as bad, so it need not be fit for it.
      AND (why <> 'rollback-window' OR NOT EXISTS (
        SELECT 1 FROM bad_digests bad
        WHERE bad.svc = kept.svc AND bad.digest = kept.digest AND bad.released_at IS NULL))
    GROUP BY svc, digest
  )`;

const LIST = `
  WITH ${KEPT}
  SELECT images.svc, images.digest, images.kept, release.release_id, release.repository,
    scan.at, scan.outcome, scan.database, scan.refused, sbom.document AS sbom, made.touched
  FROM images
  CROSS JOIN LATERAL (
    -- The release that admission looks for.
    SELECT release_id, status ->> 'repository' AS repository FROM release_runs run
    WHERE svc = images.svc AND digest = images.digest
      AND (outcome IS NULL OR outcome = 'released') AND NOT EXISTS (
        SELECT 1 FROM release_runs newer
        WHERE newer.release_id = run.release_id AND newer.ordinal > run.ordinal)
    ORDER BY requested_at DESC, ordinal DESC LIMIT 1
  ) release
  LEFT JOIN LATERAL (
    SELECT at, outcome, evidence #>> '{database,digest}' AS database,
      evidence -> 'refused' AS refused
    FROM verdicts WHERE gate = 'scan' AND subject = images.digest AND release_id IN (
      SELECT release_id FROM release_runs WHERE svc = images.svc AND digest = images.digest)
    ORDER BY id DESC LIMIT 1
  ) scan ON true
  LEFT JOIN LATERAL (
    SELECT evidence ->> 'document' AS document FROM verdicts
    WHERE release_id = release.release_id AND gate = 'sbom' AND subject = images.digest
      AND outcome = 'pass'
    ORDER BY id DESC LIMIT 1
  ) sbom ON true
  LEFT JOIN LATERAL (
    SELECT EXISTS (
      SELECT 1 FROM components one WHERE one.id = ANY (indexed.components)
        AND one.changed_at > coalesce(scan.at, '-infinity')
    ) AS touched
    FROM component_digests indexed
    WHERE indexed.digest = images.digest AND indexed.sbom = sbom.document
      AND indexed.uncovered = '{}' AND NOT indexed.gone
      -- All of it was matched.
      AND NOT EXISTS (
        SELECT 1 FROM components one WHERE one.id = ANY (indexed.components) AND NOT one.matched)
  ) made ON true
  WHERE ($6::timestamptz IS NULL OR scan.at IS NULL OR scan.at < $6::timestamptz)
    AND ($11::timestamptz IS NULL OR scan.at >= $11::timestamptz)
    AND ($7::text IS NULL
      OR (coalesce(scan.at, '-infinity'), images.svc, images.digest::text)
        > (coalesce($8::timestamptz, '-infinity'), $7::text, $9::text))
    AND ($12::boolean IS NULL OR made.touched)
  ORDER BY coalesce(scan.at, '-infinity'), images.svc, images.digest::text
  LIMIT $10`;

function toScan({ at, outcome, database, refused }: KeptRow): LastScan | null {
  if (!at || !outcome) return null;
  return { at: at.toISOString(), outcome, database, refused: refused ?? [] };
}

function toKept(row: KeptRow): KeptScan {
  const { svc, digest, kept, release_id: releaseId, repository, sbom } = row;
  // What a channel points at needs no window.
  const needed = kept.includes('prod:stable')
    ? kept.filter((why) => why !== 'rollback-window')
    : kept;
  const image = { svc, digest: parseDigest(digest) };
  const { touched } = row;
  return { ...image, releaseId, repository, kept: needed, scan: toScan(row), sbom, touched };
}

async function listKept(db: Database, query: KeptQuery): Promise<readonly KeptScan[]> {
  const { windowSince, windowPins, running = [], svc, digest, after = null } = query;
  const rows = await db.query<KeptRow>(LIST, [
    windowSince,
    windowPins,
    toJsonb(running),
    svc ?? null,
    digest ?? null,
    query.notScannedSince ?? null,
    after?.svc ?? null,
    after?.scannedAt ?? null,
    after?.digest ?? null,
    query.limit,
    query.scannedSince ?? null,
    query.touched ?? null,
  ]);
  return rows.map(toKept);
}

export function createPostgresRescans(db: Database): Rescans {
  return {
    listKept: async (query) => listKept(db, query),
    services: async () => {
      const rows = await db.query<{ readonly svc: string }>(
        'SELECT DISTINCT svc FROM channels ORDER BY svc',
      );
      return rows.map(({ svc }) => svc);
    },
  };
}
