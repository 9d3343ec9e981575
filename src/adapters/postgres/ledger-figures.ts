import type { Coverage, Latency, LedgerCounts } from '../../domain/accounting/standard';
import type { FiguresQuery, LedgerFigures } from '../../ports/ledger-figures';
import { BUNDLE_ARTIFACT_TYPE, SBOM_ARTIFACT_TYPE } from '../../ports/signer';
import type { Database } from './database';

/** The newest verdict of a gate passed, and what it speaks of is on record as attached. */
const has = (gate: string, artifactType: string): string => `
  coalesce((SELECT outcome = 'pass' FROM verdicts WHERE subject = image.digest AND gate = '${gate}'
            ORDER BY id DESC LIMIT 1), false)
  AND EXISTS (SELECT 1 FROM manifests WHERE subject = image.digest AND NOT pending
              AND artifact_type = '${artifactType}')`;

/** $1: one service or null. */
const COVERAGE = `
  SELECT count(*)::integer AS images,
    count(*) FILTER (WHERE ${has('sbom', SBOM_ARTIFACT_TYPE)})::integer AS with_sbom,
    count(*) FILTER (WHERE ${has('signature', BUNDLE_ARTIFACT_TYPE)})::integer AS signed
  FROM (
    SELECT DISTINCT digest FROM channels WHERE digest IS NOT NULL AND ($1::text IS NULL OR svc = $1)
  ) image`;

/** $1: since when, $2: one service or null, $3: one repository or null. */
const CVE_BLOCKS = `
  SELECT
    (SELECT coalesce(sum(coalesce((detail ->> 'times')::bigint, 1)), 0) FROM registry_events
     WHERE kind = 'pull-blocked' AND at >= $1 AND ($3::text IS NULL OR repository = $3)
       AND detail ->> 'outcome' = 'refused' AND detail -> 'cves' <> '[]')::double precision AS pull,
    (SELECT coalesce(sum(coalesce((detail ->> 'times')::bigint, 1)), 0) FROM registry_events
     WHERE kind = 'admission-denied' AND at >= $1 AND ($3::text IS NULL OR repository = $3)
       AND detail -> 'rules' ? 'cve-verdict')::double precision AS admission,
    (SELECT count(DISTINCT (run_id, subject)) FROM verdicts
     WHERE gate = 'scan' AND outcome = 'fail' AND at >= $1 AND NOT rescan
       AND evidence -> 'refused' <> '[]'
       AND ($2::text IS NULL OR starts_with(release_id, $2 || '/')))::integer AS release,
    (SELECT count(DISTINCT subject) FROM verdicts
     WHERE gate = 'scan' AND outcome = 'fail' AND at >= $1 AND rescan
       AND evidence -> 'refused' <> '[]'
       AND ($2::text IS NULL OR starts_with(release_id, $2 || '/')))::integer AS rescan`;

const P95 = `count(*)::integer AS count,
  percentile_disc(0.95) WITHIN GROUP (ORDER BY greatest(ms, 0))::double precision AS p95_ms`;
const msBetween = (from: string, to: string): string =>
  `extract(epoch FROM ${to} - ${from}) * 1000`;

/** $1: since when, $2: one service or null. The first pin of a release, by the run that was released. */
const PROMOTION = `
  SELECT ${P95} FROM (
    SELECT ${msBetween('run.requested_at', 'min(move.done_at)')} AS ms
    FROM channel_moves move CROSS JOIN LATERAL (
      SELECT requested_at FROM release_runs
      WHERE release_id = move.release_id AND digest = move.next AND outcome = 'released'
      ORDER BY ordinal DESC LIMIT 1
    ) run
    WHERE move.channel = 'prod:stable' AND move.state = 'done' AND move.release_id IS NOT NULL
      AND move.done_at >= $1 AND ($2::text IS NULL OR move.svc = $2)
    GROUP BY move.release_id, run.requested_at
  ) one`;

/** Likewise. A rollback moves prod:stable under its own name, behind one fence or, where a release came between, the next. */
const ROLLBACK = `
  SELECT ${P95} FROM (
    SELECT ${msBetween(`(told.details ->> 'requestedAt')::timestamptz`, 'move.done_at')} AS ms
    FROM audit told JOIN channel_moves move ON move.state = 'done' AND move.idempotency_key IN (
      told.idempotency_key || '/1/prod:stable', told.idempotency_key || '/2/prod:stable',
      told.idempotency_key || '/3/prod:stable')
    WHERE told.action = 'rollback' AND told.at >= $1 AND ($2::text IS NULL OR told.svc = $2)
      AND told.details ->> 'requestedAt' IS NOT NULL AND NOT told.details ? 'drill'
  ) one`;

/** $1: since when, $2: one repository or null. */
const DELETED = `
  SELECT coalesce(sum(bytes), 0)::double precision AS bytes FROM gc_plan_items
  WHERE outcome = 'deleted' AND settled_at >= $1 AND ($2::text IS NULL OR repository = $2)`;

/** $1: since when. Pushes are closed between the two measurements. */
const RECLAIMED = `
  SELECT sum(greatest(before_bytes - after_bytes, 0))::double precision AS bytes FROM gc_reclaims
  WHERE state = 'done' AND ended_at >= $1`;

interface CoverageRow {
  readonly images: number;
  readonly with_sbom: number;
  readonly signed: number;
}

interface LatencyRow {
  readonly count: number;
  readonly p95_ms: number | null;
}

async function readCoverage(
  db: Database,
  svc: string | null,
): Promise<{ readonly sbom: Coverage; readonly signed: Coverage }> {
  const [row] = await db.query<CoverageRow>(COVERAGE, [svc]);
  const of = row?.images ?? 0;
  return { sbom: { have: row?.with_sbom ?? 0, of }, signed: { have: row?.signed ?? 0, of } };
}

async function readLatency(
  db: Database,
  text: string,
  values: readonly [string, string | null],
): Promise<Latency | null> {
  const [row] = await db.query<LatencyRow>(text, values);
  return row?.p95_ms == null ? null : { count: row.count, p95Ms: row.p95_ms };
}

async function count(db: Database, query: FiguresQuery): Promise<LedgerCounts> {
  const { since } = query;
  const svc = query.svc ?? null;
  const repository = query.repository ?? null;
  const [coverage, blocks, promotion, rollback, deleted, reclaimed] = await Promise.all([
    readCoverage(db, svc),
    db.query<LedgerCounts['cveBlocks']>(CVE_BLOCKS, [since, svc, repository]),
    readLatency(db, PROMOTION, [since, svc]),
    readLatency(db, ROLLBACK, [since, svc]),
    db.query<{ readonly bytes: number }>(DELETED, [since, repository]),
    db.query<{ readonly bytes: number | null }>(RECLAIMED, [since]),
  ]);
  return {
    ...coverage,
    cveBlocks: blocks[0] ?? { pull: 0, admission: 0, release: 0, rescan: 0 },
    promotion,
    rollback,
    deletedBytes: deleted[0]?.bytes ?? 0,
    // The disk knows no repositories.
    reclaimedBytes: repository === null ? (reclaimed[0]?.bytes ?? null) : null,
  };
}

export function createPostgresLedgerFigures(db: Database): LedgerFigures {
  return { count: async (query) => count(db, query) };
}
