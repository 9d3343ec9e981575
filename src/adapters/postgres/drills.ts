import { parseDigest } from '../../domain/digest';
import type { Preflight } from '../../domain/drill/preflight';
import type { DrillReport } from '../../domain/drill/report';
import type { Drills } from '../../ports/drills';
import { toJsonb, type Database } from './database';
import { toTime } from './registry-rows';

interface PreflightRow {
  readonly svc: string;
  readonly digest: string | null;
  readonly outcome: Preflight['outcome'];
  readonly faults: Preflight['faults'];
  readonly lease_until: Date | null;
  readonly since: Date;
  readonly checked_at: Date;
}

interface ReportRow {
  readonly report: DrillReport;
}

const COLUMNS = 'svc, digest, outcome, faults, lease_until, since, checked_at';

function toPreflight({ svc, digest, outcome, faults, ...row }: PreflightRow): Preflight {
  return {
    svc,
    digest: digest === null ? null : parseDigest(digest),
    outcome,
    faults,
    leaseUntil: toTime(row.lease_until),
    since: row.since.toISOString(),
    checkedAt: row.checked_at.toISOString(),
  };
}

async function savePreflight(db: Database, preflight: Preflight): Promise<void> {
  const { svc, digest, outcome, faults, leaseUntil, since, checkedAt } = preflight;
  await db.query(
    `INSERT INTO rollback_preflights AS held (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (svc) DO UPDATE SET digest = $2, outcome = $3, faults = $4, lease_until = $5,
       since = $6, checked_at = $7
     WHERE held.checked_at <= excluded.checked_at`,
    [svc, digest, outcome, toJsonb(faults), leaseUntil, since, checkedAt],
  );
}

export function createPostgresDrills(db: Database): Drills {
  return {
    saveReport: async (report) => {
      await db.query(
        `INSERT INTO drill_reports (id, svc, report) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO NOTHING`,
        [report.id, report.svc, toJsonb(report)],
      );
    },
    getReport: async (id) => {
      const [row] = await db.query<ReportRow>('SELECT report FROM drill_reports WHERE id = $1', [
        id,
      ]);
      return row?.report ?? null;
    },
    listReports: async ({ svc = null, limit }) => {
      const rows = await db.query<ReportRow>(
        `SELECT report FROM drill_reports WHERE $1::text IS NULL OR svc = $1
         ORDER BY ordinal DESC LIMIT $2`,
        [svc, limit],
      );
      return rows.map(({ report }) => report);
    },
    savePreflight: async (preflight) => savePreflight(db, preflight),
    getPreflight: async (svc) => {
      const [row] = await db.query<PreflightRow>(
        `SELECT ${COLUMNS} FROM rollback_preflights WHERE svc = $1`,
        [svc],
      );
      return row ? toPreflight(row) : null;
    },
    listPreflights: async () => {
      const rows = await db.query<PreflightRow>(
        `SELECT ${COLUMNS} FROM rollback_preflights ORDER BY svc COLLATE "C" LIMIT 10000`,
      );
      return rows.map(toPreflight);
    },
  };
}
