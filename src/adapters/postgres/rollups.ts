import { parseDigest } from '../../domain/digest';
import type { ReleaseStatus } from '../../domain/release';
import type { RollupOptOut } from '../../domain/rollup/plan';
import type { RollupReport } from '../../domain/rollup/report';
import type { RebuildSight } from '../../domain/rollup/settle';
import type { Rollups, StableRelease } from '../../ports/rollups';
import { toJsonb, type Database } from './database';

interface OptOutRow {
  readonly svc: string;
  readonly reason: string;
  readonly until: Date;
  readonly actor: string;
  readonly at: Date;
}

interface ReportRow {
  readonly report: RollupReport;
}

interface StableRow {
  readonly svc: string;
  readonly digest: string;
  readonly status: ReleaseStatus | null;
}

interface SightRow {
  readonly svc: string;
  readonly release_id: string;
  readonly status: ReleaseStatus | null;
  readonly stable: string | null;
  readonly bad: string | null;
}

// The newest run of a release is what counts; of several releases of a digest the one asked for last.
const STABLE = `
  SELECT channels.svc, channels.digest, release.status
  FROM channels LEFT JOIN LATERAL (
    SELECT status FROM release_runs run
    WHERE run.svc = channels.svc AND run.digest = channels.digest AND outcome = 'released'
      AND NOT EXISTS (
        SELECT 1 FROM release_runs newer
        WHERE newer.release_id = run.release_id AND newer.ordinal > run.ordinal)
    ORDER BY requested_at DESC, ordinal DESC LIMIT 1) release ON true
  WHERE channel = 'prod:stable' AND channels.digest IS NOT NULL
    AND ($1::jsonb IS NULL OR channels.svc IN (SELECT jsonb_array_elements_text($1::jsonb)))
  ORDER BY channels.svc COLLATE "C"`;

const SIGHT = `
  SELECT asked.svc, asked.release_id, run.status, channels.digest AS stable, bad.reason AS bad
  FROM jsonb_to_recordset($1::jsonb) AS asked (place integer, svc text, release_id text)
  LEFT JOIN LATERAL (
    SELECT status, digest FROM release_runs WHERE release_runs.release_id = asked.release_id
    ORDER BY ordinal DESC LIMIT 1) run ON true
  LEFT JOIN channels ON channels.svc = asked.svc AND channels.channel = 'prod:stable'
  LEFT JOIN bad_digests bad ON bad.svc = asked.svc AND bad.digest = run.digest AND bad.released_at IS NULL
  ORDER BY asked.place`;

function toOptOut({ svc, reason, until, actor: by, at }: OptOutRow): RollupOptOut {
  return { svc, reason, until: until.toISOString(), by, at: at.toISOString() };
}

function toStable({ svc, digest, status }: StableRow): StableRelease {
  if (!status) return { svc, digest: parseDigest(digest), release: null };
  const { releaseId, version, revision, origin } = status;
  return { svc, digest: parseDigest(digest), release: { releaseId, version, revision, origin } };
}

function toSight({ svc, release_id: releaseId, status, stable, bad }: SightRow): RebuildSight {
  return {
    ...{ svc, releaseId, bad },
    stage: status?.stage ?? null,
    outcome: status?.outcome ?? null,
    reason: status?.reason ?? null,
    digest: status?.digest ?? null,
    stable: stable === null ? null : parseDigest(stable),
  };
}

export function createPostgresRollups(db: Database): Rollups {
  return {
    save: async (report) => {
      await db.query(
        `INSERT INTO rollups AS kept (id, started_at, ended_at, report) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, report = excluded.report
         WHERE kept.ended_at IS NULL`,
        [report.id, report.startedAt, report.endedAt, toJsonb(report)],
      );
    },
    get: async (id) => {
      const [row] = await db.query<ReportRow>('SELECT report FROM rollups WHERE id = $1', [id]);
      return row?.report ?? null;
    },
    list: async (limit) => {
      const rows = await db.query<ReportRow>(
        'SELECT report FROM rollups ORDER BY ordinal DESC LIMIT $1',
        [limit],
      );
      return rows.map(({ report }) => report);
    },
    optOut: async ({ svc, reason, until, by, at }) => {
      await db.query(
        `INSERT INTO rollup_opt_outs (svc, reason, until, actor, at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (svc) DO UPDATE SET reason = $2, until = $3, actor = $4, at = $5`,
        [svc, reason, until, by, at],
      );
    },
    removeOptOut: async (svc) => {
      const rows = await db.query('DELETE FROM rollup_opt_outs WHERE svc = $1 RETURNING svc', [
        svc,
      ]);
      return rows.length > 0;
    },
    listOptOuts: async () => {
      const rows = await db.query<OptOutRow>(
        'SELECT svc, reason, until, actor, at FROM rollup_opt_outs ORDER BY svc COLLATE "C" LIMIT 10000',
      );
      return rows.map(toOptOut);
    },
    stable: async (only) => {
      const rows = await db.query<StableRow>(STABLE, [only && toJsonb(only)]);
      return rows.map(toStable);
    },
    sight: async (asked) => {
      const places = asked.map(({ svc, releaseId: release_id }, place) => ({
        ...{ place, svc, release_id },
      }));
      return (await db.query<SightRow>(SIGHT, [toJsonb(places)])).map(toSight);
    },
  };
}
