import { parseDigest } from '../../domain/digest';
import type { Exception, ExceptionKind } from '../../domain/exceptions/exception';
import type { CoveredFinding } from '../../domain/scan/covered';
import type { CoveredImage, Exceptions } from '../../ports/exceptions';
import { toJsonb, type Database } from './database';
import { COVERED, IS_THERE } from './exceptions-cover';
import { toTime } from './registry-rows';

interface ExceptionRow {
  readonly id: string;
  readonly kind: ExceptionKind;
  readonly vulnerability_id: string;
  readonly package_name: string;
  readonly package_version: string | null;
  readonly svc: string | null;
  readonly reason: string;
  readonly owner: string;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly expires_at: Date;
  readonly approved_by: string | null;
  readonly approved_at: Date | null;
  readonly revoked_by: string | null;
  readonly revoked_at: Date | null;
  readonly revoke_reason: string | null;
}

const COLUMNS = `id, kind, vulnerability_id, package_name, package_version, svc, reason, owner, requested_by,
  requested_at, expires_at, approved_by, approved_at, revoked_by, revoked_at, revoke_reason`;
const END = 'LEAST(expires_at, revoked_at)';

function toException(row: ExceptionRow): Exception {
  return {
    id: row.id,
    kind: row.kind,
    vulnerabilityId: row.vulnerability_id,
    packageName: row.package_name,
    packageVersion: row.package_version,
    svc: row.svc,
    reason: row.reason,
    owner: row.owner,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    approvedBy: row.approved_by,
    approvedAt: toTime(row.approved_at),
    revokedBy: row.revoked_by,
    revokedAt: toTime(row.revoked_at),
    revokeReason: row.revoke_reason,
  };
}

async function find(
  db: Database,
  text: string,
  values: readonly (string | number | boolean | null)[],
): Promise<readonly Exception[]> {
  return (await db.query<ExceptionRow>(text, values)).map(toException);
}

async function read(db: Database, id: string): Promise<Exception | null> {
  const [row] = await find(db, `SELECT ${COLUMNS} FROM exceptions WHERE id = $1`, [id]);
  return row ?? null;
}

async function request(
  db: Database,
  one: Parameters<Exceptions['request']>[0],
): Promise<Exception> {
  await db.query(
    `INSERT INTO exceptions (id, kind, vulnerability_id, package_name, package_version, svc, reason, owner,
       requested_by, requested_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING`,
    [
      ...[one.id, one.kind, one.vulnerabilityId, one.packageName, one.packageVersion, one.svc],
      ...[one.reason, one.owner, one.requestedBy, one.requestedAt, one.expiresAt],
    ],
  );
  const known = await read(db, one.id);
  return (
    known ?? {
      ...{ ...one, approvedBy: null, approvedAt: null },
      ...{ revokedBy: null, revokedAt: null, revokeReason: null },
    }
  );
}

/** The update, or what the same call did before. */
async function settle(
  db: Database,
  [text, again]: readonly [string, string],
  values: readonly string[],
): Promise<Exception | null> {
  const [done] = await find(db, `${text} RETURNING ${COLUMNS}`, values);
  if (done) return done;
  const [before] = await find(
    db,
    `SELECT ${COLUMNS} FROM exceptions WHERE id = $1 AND ${again}`,
    values,
  );
  return before ?? null;
}

interface CoverageRow {
  readonly svc: string;
  readonly digest: string;
  readonly release_id: string;
  readonly covered: readonly CoveredFinding[];
}

/** Of `covered finding`; images by service and digest, `$1` how many. */
const IMAGES = `
  SELECT finding.svc, finding.digest, finding.release_id, jsonb_agg(jsonb_build_object(
    'exceptionId', finding.exception_id, 'vulnerabilityId', finding.vulnerability_id,
    'packageName', finding.package_name, 'packageVersion', finding.package_version,
    'purl', finding.purl, 'needs', finding.needs,
    'until', to_char(finding.until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'limit', to_char(finding.fix_limit AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  ) ORDER BY finding.place) AS covered
  FROM scan_coverage finding`;
const BY_IMAGE = `
  GROUP BY finding.svc, finding.digest, finding.release_id
  ORDER BY finding.svc, finding.digest LIMIT $1`;

const COVERED_BY = `${IMAGES}
  WHERE (finding.svc, finding.digest) IN (
    SELECT svc, digest FROM scan_coverage WHERE exception_id = $2) ${BY_IMAGE}`;

const LAPSED = `WITH ${COVERED},
  ended AS MATERIALIZED (
    SELECT DISTINCT svc, digest, verdict_id FROM covered WHERE ends_at <= $2
  ),
  due AS MATERIALIZED (
    SELECT svc, digest FROM ended finding
    WHERE ${IS_THERE} AND NOT EXISTS (
      SELECT 1 FROM verdicts later
      WHERE later.gate = 'scan' AND later.subject = finding.digest AND later.outcome = 'fail'
        AND later.id > finding.verdict_id AND split_part(later.release_id, '/', 1) = finding.svc)
    ORDER BY svc, digest LIMIT $1
  )
  ${IMAGES} WHERE (finding.svc, finding.digest) IN (SELECT svc, digest FROM due) ${BY_IMAGE}`;

async function images(
  db: Database,
  text: string,
  limit: number,
  by: string,
): Promise<readonly CoveredImage[]> {
  const rows = await db.query<CoverageRow>(text, [limit, by]);
  return rows.map(({ svc, digest, release_id: releaseId, covered }) => ({
    ...{ svc, releaseId, covered },
    digest: parseDigest(digest),
  }));
}

export function createPostgresExceptions(db: Database): Exceptions {
  return {
    request: async (exception) => request(db, exception),
    read: async (id) => read(db, id),
    list: async ({ svc = null, all = false, now, limit }) =>
      find(
        db,
        `SELECT ${COLUMNS} FROM exceptions
         WHERE ($1::text IS NULL OR svc IS NULL OR svc = $1) AND ($2 OR ${END} > $3)
         ORDER BY requested_at DESC, id LIMIT $4`,
        [svc, all, now, limit],
      ),
    approve: async (id, approver, at) =>
      settle(
        db,
        [
          `UPDATE exceptions SET approved_by = $2, approved_at = $3
           WHERE id = $1 AND approved_at IS NULL AND revoked_at IS NULL AND expires_at > $3`,
          'approved_by = $2 AND approved_at = $3',
        ],
        [id, approver, at],
      ),
    revoke: async (id, actor, reason, at) =>
      settle(
        db,
        [
          `UPDATE exceptions SET revoked_by = $2, revoked_at = $4, revoke_reason = $3
           WHERE id = $1 AND revoked_at IS NULL AND expires_at > $4`,
          'revoked_by = $2 AND revoke_reason = $3 AND revoked_at = $4',
        ],
        [id, actor, reason, at],
      ),
    watched: async (now, sinceMs, limit) =>
      find(
        db,
        `SELECT ${COLUMNS} FROM exceptions
         WHERE approved_at IS NOT NULL AND ${END} > $1 ORDER BY ${END}, id LIMIT $2`,
        [new Date(Date.parse(now) - sinceMs).toISOString(), limit],
      ),
    coveredBy: async (id, limit) => images(db, COVERED_BY, limit, id),
    lapsed: async (now, limit) => images(db, LAPSED, limit, now),
    toldOf: async (ids) => {
      const rows = await db.query<{ readonly exception_id: string; readonly name: string }>(
        `SELECT exception_id, name FROM exception_notices
         WHERE exception_id IN (SELECT jsonb_array_elements_text($1::jsonb))`,
        [toJsonb(ids)],
      );
      return rows.map(({ exception_id: exceptionId, name }) => ({ exceptionId, name }));
    },
    tell: async ({ exceptionId, name }, at) => {
      await db.query(
        `INSERT INTO exception_notices (exception_id, name, at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING`,
        [exceptionId, name, at],
      );
    },
  };
}
