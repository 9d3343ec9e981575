import type {
  AdvisoryMatches,
  MatchedDatabase,
  MatchedPackage,
  PackageQuery,
  PackageToMatch,
  RunningDigest,
  SettledMatches,
} from '../../ports/advisory-matches';
import { readHitAnswers, readHits } from './advisory-hits';
import { readImpact } from './advisory-impact';
import { readRatings, readUnmatched } from './advisory-ratings';
import { lockComponents } from './component-lock';
import { toJsonb, type Database } from './database';

interface PackageRow {
  readonly id: number;
  readonly space: string;
  readonly name: string;
  readonly products: readonly string[];
  readonly advisories: string | null;
  readonly components: readonly {
    readonly id: number;
    readonly version: string;
    readonly purl: string;
    readonly arch: string;
  }[];
}

const PACKAGES = `
  SELECT id, space, name, products,
    CASE WHEN NOT EXISTS (SELECT 1 FROM components one WHERE one.package = package.id AND NOT matched)
      THEN encode(advisories, 'hex') END AS advisories,
    (SELECT jsonb_agg(jsonb_build_object('id', one.id, 'version', one.version, 'purl', one.purl,
         'arch', one.arch)
       ORDER BY one.id)
     FROM components one WHERE one.package = package.id) AS components
  FROM component_packages package
  WHERE ($1::integer IS NULL OR id > $1) AND EXISTS (
    SELECT 1 FROM components one WHERE one.package = package.id)`;
const UNMATCHED = 'AND id IN (SELECT one.package FROM components one WHERE NOT one.matched)';
const PAGE = 'ORDER BY id LIMIT $2';

function toPackage(row: PackageRow): PackageToMatch {
  const { space, name, products } = row;
  return { ...row, components: row.components.map((one) => ({ space, name, products, ...one })) };
}

async function packages(
  db: Database,
  { unmatched, after, limit }: PackageQuery,
): Promise<readonly PackageToMatch[]> {
  const rows = await db.query<PackageRow>(
    unmatched ? `${PACKAGES} ${UNMATCHED} ${PAGE}` : `${PACKAGES} ${PAGE}`,
    [after, limit],
  );
  return rows.map(toPackage);
}

/** $1 matches, $2 the components that were matched, $3 database, $4 when. */
const SETTLE = `
  WITH base AS (SELECT id, begun_at FROM advisory_databases WHERE digest = $3),
  given AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb)
      AS one (component integer, advisory text, severity text, fixed text)
  ),
  vanished AS (
    DELETE FROM advisory_matches held WHERE held.component = ANY ($2::integer[])
      AND NOT EXISTS (SELECT 1 FROM given
        WHERE given.component = held.component AND given.advisory = held.advisory)
    RETURNING component
  ),
  -- Some may have been forgotten meanwhile.
  written AS (
    INSERT INTO advisory_matches AS held (component, advisory, severity, fixed, since, brought_by)
    SELECT given.component, given.advisory, given.severity, given.fixed, $4::timestamptz,
      CASE WHEN component.added_at <= base.begun_at THEN base.id END
    FROM given JOIN components component ON component.id = given.component CROSS JOIN base
    ON CONFLICT (component, advisory) DO UPDATE SET
      severity = excluded.severity, fixed = excluded.fixed,
      brought_by = CASE WHEN held.severity = excluded.severity THEN held.brought_by
        ELSE (SELECT id FROM base) END
    WHERE (held.severity, held.fixed) IS DISTINCT FROM (excluded.severity, excluded.fixed)
    RETURNING component, (xmax = 0) AS fresh
  ),
  changed AS (SELECT component FROM vanished UNION SELECT component FROM written),
  touched AS (
    UPDATE components SET matched = true,
      changed_at = CASE WHEN id IN (SELECT component FROM changed) THEN $4::timestamptz
        ELSE changed_at END
    WHERE id = ANY ($2::integer[]) AND (NOT matched OR id IN (SELECT component FROM changed))
  )
  SELECT (SELECT count(*)::integer FROM vanished) AS vanished,
    (SELECT count(*)::integer FROM written WHERE fresh) AS appeared,
    (SELECT count(*)::integer FROM written WHERE NOT fresh) AS changed`;

const MATCHED = `
  UPDATE component_packages package SET advisories = decode(one.advisories, 'hex')
  FROM jsonb_to_recordset($1::jsonb) AS one (id integer, advisories text)
  WHERE package.id = one.id`;

const NOTHING: SettledMatches = { appeared: 0, vanished: 0, changed: 0 };

async function settle(
  db: Database,
  { digest }: MatchedDatabase,
  matched: readonly MatchedPackage[],
  at: string,
): Promise<SettledMatches> {
  if (matched.length === 0) return NOTHING;
  const matches = matched.flatMap((one) =>
    one.matches.map(({ fixedVersion: fixed, ...match }) => ({ ...match, fixed })),
  );
  const components = `{${matched.flatMap((one) => one.components).join(',')}}`;
  const states = matched.map(({ id, advisories }) => ({ id, advisories }));
  return db.transaction(async (sql) => {
    await lockComponents(sql);
    const values = [toJsonb(matches), components, digest, at];
    const [row] = await sql.query<SettledMatches>(SETTLE, values);
    await sql.query(MATCHED, [toJsonb(states)]);
    return row ?? NOTHING;
  });
}

const RECORD_RUNNING = `
  WITH asked AS (SELECT svc, env FROM jsonb_to_recordset($1::jsonb) AS one (svc text, env text)),
  seen AS (
    SELECT DISTINCT svc, env, digest
    FROM jsonb_to_recordset($2::jsonb) AS one (svc text, env text, digest digest)
  ),
  ended AS (
    DELETE FROM running_digests held USING asked WHERE held.svc = asked.svc AND held.env = asked.env
      AND NOT EXISTS (SELECT 1 FROM seen WHERE (seen.svc, seen.env, seen.digest) =
        (held.svc, held.env, held.digest))
  )
  INSERT INTO running_digests (svc, env, digest, seen_at)
  SELECT svc, env, digest, $3::timestamptz FROM seen
  ON CONFLICT (digest, svc, env) DO UPDATE SET seen_at = excluded.seen_at`;

async function recordRunning(
  db: Database,
  targets: readonly Pick<RunningDigest, 'svc' | 'env'>[],
  running: readonly RunningDigest[],
  at: string,
): Promise<void> {
  await db.query(RECORD_RUNNING, [toJsonb(targets), toJsonb(running), at]);
}

export function createPostgresAdvisoryMatches(db: Database): AdvisoryMatches {
  return {
    matchedWith: async () => {
      const [row] = await db.query<{ readonly digest: string; readonly updated_at: Date }>(
        `SELECT digest, updated_at FROM advisory_databases WHERE matched_at IS NOT NULL
         ORDER BY matched_at DESC, id DESC LIMIT 1`,
      );
      return row ? { digest: row.digest, updatedAt: row.updated_at.toISOString() } : null;
    },
    begin: async ({ digest, updatedAt }, at) => {
      // One that comes back after another, as after a mirror was set back, brings its own again.
      await db.query(
        `INSERT INTO advisory_databases AS held (digest, updated_at, begun_at) VALUES ($1, $2, $3)
         ON CONFLICT (digest) DO UPDATE SET matched_at = NULL,
           updated_at = greatest(held.updated_at, excluded.updated_at),
           begun_at = CASE WHEN held.matched_at IS NOT NULL OR EXISTS (
               SELECT 1 FROM advisory_databases other WHERE other.begun_at > held.begun_at)
             THEN excluded.begun_at ELSE held.begun_at END`,
        [digest, updatedAt, at],
      );
    },
    packages: (query) => packages(db, query),
    settle: (database, matched, at) => settle(db, database, matched, at),
    finish: async ({ digest }, at) => {
      await db.query('UPDATE advisory_databases SET matched_at = $2 WHERE digest = $1', [
        digest,
        at,
      ]);
    },
    recordRunning: (targets, running, at) => recordRunning(db, targets, running, at),
    hits: (advisory) => readHits(db, advisory ?? null),
    hitsWhich: (advisory, digests) => readHitAnswers(db, advisory, digests),
    ratingsOf: (advisory, digests) => readRatings(db, advisory, digests),
    unmatched: (services, limit) => readUnmatched(db, services, limit),
    impact: (of, limit) => readImpact(db, of, limit),
  };
}
