import { parseDigest } from '../../domain/digest';
import type {
  Impact,
  ImpactedComponent,
  ImpactedDigest,
  ImpactOf,
} from '../../ports/advisory-matches';
import type { Database } from './database';

interface ImpactRow {
  readonly digest: string;
  readonly total: number;
  readonly services: readonly string[];
  readonly channels: ImpactedDigest['channels'] | null;
  readonly running: ImpactedDigest['running'] | null;
  readonly components: readonly ImpactedComponent[];
}

const MATCH_COLUMNS = 'held.advisory, held.severity, held.fixed, held.since';

/** What is asked after, as `component, advisory, severity, fixed, since`. */
const ASKED: Readonly<Record<ImpactOf['kind'], string>> = {
  advisory: `
    SELECT held.component, ${MATCH_COLUMNS} FROM advisory_matches held
    WHERE upper(held.advisory) = upper($2)`,
  // People ask after the package they know: of a distribution that may be the source of several.
  package: `
    SELECT one.id AS component, ${MATCH_COLUMNS}
    FROM components one JOIN component_packages package ON package.id = one.package
    LEFT JOIN advisory_matches held ON held.component = one.id
    WHERE (lower(split_part(split_part(one.purl, '?', 1), '@', 1)) = $2 OR (
        package.name = regexp_replace($2, '^.*/', '') AND $2 ~ '^pkg:(deb|rpm|apk)/'
        AND starts_with(lower(one.purl), regexp_replace($2, '[^/]*$', ''))))
      AND ($3::text IS NULL OR one.version = $3
        OR replace(split_part(split_part(one.purl, '?', 1), '@', 2), '%2B', '+') = $3)`,
  database: `
    SELECT held.component, ${MATCH_COLUMNS} FROM advisory_matches held
    WHERE held.brought_by = (
      SELECT id FROM advisory_databases WHERE matched_at IS NOT NULL
      ORDER BY matched_at DESC, id DESC LIMIT 1)`,
};

const WHEREVER = `
  SELECT one.digest, part.component FROM (SELECT DISTINCT component FROM hit) part
  JOIN component_digests one ON one.components @> ARRAY[part.component]`;

/** A new database may hit all there is: then only what matters now, and from that end. */
const PLACED = `
  SELECT one.digest, part.component FROM component_digests one
  CROSS JOIN LATERAL unnest(one.components) AS part (component)
  WHERE one.digest IN (SELECT digest FROM channels UNION SELECT digest FROM running_digests)
    AND part.component IN (SELECT component FROM hit)`;

const MOST_COMPONENTS = 100;

function impactSql(kind: ImpactOf['kind']): string {
  return `
    WITH hit AS MATERIALIZED (${ASKED[kind]}),
    carried AS (${kind === 'database' ? PLACED : WHEREVER}),
    found AS (SELECT digest, array_agg(component) AS components FROM carried GROUP BY digest),
    placed AS (
      SELECT digest, bool_or(channel = 'prod:stable') AS stable, jsonb_agg(jsonb_build_object(
        'svc', svc, 'channel', channel, 'since', changed_at) ORDER BY svc, channel) AS channels
      FROM channels WHERE digest IS NOT NULL GROUP BY digest
    ),
    run AS (
      SELECT digest, jsonb_agg(jsonb_build_object('svc', svc, 'env', env, 'seenAt', seen_at)
        ORDER BY svc, env) AS running
      FROM running_digests GROUP BY digest
    ),
    first AS (
      SELECT found.*, placed.channels, run.running, count(*) OVER ()::integer AS total,
        row_number() OVER (ORDER BY placed.stable IS TRUE DESC, run.running IS NULL,
          placed.channels IS NULL, found.digest COLLATE "C") AS place
      FROM found LEFT JOIN placed USING (digest) LEFT JOIN run USING (digest)
      ORDER BY place LIMIT $1
    )
    SELECT first.digest, total, channels, running, ARRAY(
        SELECT DISTINCT svc FROM release_runs WHERE release_runs.digest = first.digest ORDER BY svc
      ) AS services,
      (SELECT jsonb_agg(part) FROM (
        SELECT component.purl, hit.advisory, hit.severity, hit.fixed AS "fixedVersion",
          hit.since AS "knownSince"
        FROM hit JOIN components component ON component.id = hit.component
        WHERE hit.component = ANY (first.components)
        ORDER BY array_position(ARRAY['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'],
          hit.severity), hit.advisory, component.purl
        LIMIT ${MOST_COMPONENTS}) part
      ) AS components
    FROM first ORDER BY place`;
}

/** Of a time within jsonb, which Postgres writes in its own way. */
function toIso(time: string): string {
  return new Date(time).toISOString();
}

function toImpacted({ digest, services, ...row }: ImpactRow): ImpactedDigest {
  return {
    digest: parseDigest(digest),
    services,
    components: row.components.map(({ knownSince, ...one }) => ({
      ...one,
      knownSince: knownSince === null ? null : toIso(knownSince),
    })),
    channels: (row.channels ?? []).map((one) => ({ ...one, since: toIso(one.since) })),
    running: (row.running ?? []).map((one) => ({ ...one, seenAt: toIso(one.seenAt) })),
  };
}

function valuesOf(of: ImpactOf): readonly (string | null)[] {
  if (of.kind === 'advisory') return [of.id];
  return of.kind === 'package' ? [of.base, of.version] : [];
}

export async function readImpact(db: Database, of: ImpactOf, limit: number): Promise<Impact> {
  const rows = await db.query<ImpactRow>(impactSql(of.kind), [limit, ...valuesOf(of)]);
  return { total: rows[0]?.total ?? 0, digests: rows.map(toImpacted) };
}
