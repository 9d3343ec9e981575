import { parseDigest, type Digest } from '../../domain/digest';
import type {
  ComponentIndex,
  IndexCounts,
  IndexedSbom,
  ReleasedSbom,
} from '../../ports/component-index';
import { componentIds } from './component-ids';
import { lockComponents } from './component-lock';
import { toJsonb, type Database, type Transaction } from './database';

const WRITE = `
  INSERT INTO component_digests (digest, sbom, indexed_at, components, uncovered)
  VALUES ($1, $2, $3, $4::integer[], ARRAY(SELECT jsonb_array_elements_text($5::jsonb)))
  ON CONFLICT (digest) DO UPDATE SET sbom = excluded.sbom, indexed_at = excluded.indexed_at,
    components = excluded.components, uncovered = excluded.uncovered, gone = false`;

/** Components that no digest has any more, and their packages. $1: the ids that may be. */
const DROP_COMPONENTS = `
  DELETE FROM components WHERE id = ANY ($1::integer[])
    AND NOT EXISTS (SELECT 1 FROM component_digests one WHERE one.components @> ARRAY[components.id])
  RETURNING package`;
const DROP_PACKAGES = `
  DELETE FROM component_packages package WHERE id = ANY ($1::integer[])
    AND NOT EXISTS (SELECT 1 FROM components one WHERE one.package = package.id)`;

/** $1: after which digest. Few are missing: what they are of is looked up for these alone. */
const MISSING = `
  WITH lacking AS MATERIALIZED (
    SELECT digest, document FROM (
      SELECT DISTINCT ON (subject) subject AS digest, evidence ->> 'document' AS document
      FROM verdicts WHERE gate = 'sbom' AND outcome = 'pass' AND ($1::text IS NULL OR subject > $1)
      ORDER BY subject, id DESC
    ) sbom
    WHERE document IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM component_digests known
      WHERE known.digest = sbom.digest AND (known.gone OR known.sbom = sbom.document))
  )
  SELECT lacking.digest, run.repository, lacking.document FROM lacking
  CROSS JOIN LATERAL (
    SELECT status ->> 'repository' AS repository FROM release_runs
    WHERE digest = lacking.digest AND (outcome IS NULL OR outcome = 'released')
    ORDER BY requested_at DESC, ordinal DESC LIMIT 1
  ) run
  WHERE run.repository IS NOT NULL`;

async function dropUnused(sql: Transaction, ids: string): Promise<void> {
  const packages = await sql.query<{ readonly package: number }>(DROP_COMPONENTS, [ids]);
  const unused = `{${[...new Set(packages.map((row) => row.package))].join(',')}}`;
  await sql.query(DROP_PACKAGES, [unused]);
}

/** What the digest was made of, and no longer is. */
async function release(sql: Transaction, digest: Digest): Promise<string | null> {
  const [row] = await sql.query<{ readonly ids: string }>(
    `WITH before AS (SELECT digest, components FROM component_digests WHERE digest = $1)
     UPDATE component_digests one SET components = '{}' FROM before
     WHERE one.digest = before.digest RETURNING before.components::text AS ids`,
    [digest],
  );
  return row?.ids ?? null;
}

async function put(
  db: Database,
  { digest, sbom, components, uncovered, at }: IndexedSbom,
): Promise<void> {
  await db.transaction(async (sql) => {
    await lockComponents(sql);
    const before = await release(sql, digest);
    const ids = await componentIds(sql, components, at);
    await sql.query(WRITE, [digest, sbom, at, `{${ids.join(',')}}`, toJsonb(uncovered)]);
    if (before !== null && before !== '{}') await dropUnused(sql, before);
  });
}

/** Of a release: nothing else is ever indexed. */
const FORGET = `
  INSERT INTO component_digests (digest, indexed_at, components, gone)
  SELECT $1::digest, $3::timestamptz, '{}', true
  WHERE EXISTS (SELECT 1 FROM release_runs WHERE digest = $1::digest) AND NOT EXISTS (
    SELECT 1 FROM manifests WHERE digest = $1::digest AND repository <> $2 AND NOT pending)
  ON CONFLICT (digest) DO UPDATE SET gone = true, components = '{}' RETURNING 1`;

export function createPostgresComponentIndex(db: Database): ComponentIndex {
  return {
    put: (one) => put(db, one),
    forget: async ({ repository, digest }, at) => {
      await db.transaction(async (sql) => {
        await lockComponents(sql);
        const [before] = await sql.query<{ readonly ids: string }>(
          'SELECT components::text AS ids FROM component_digests WHERE digest = $1',
          [digest],
        );
        const forgotten = await sql.query(FORGET, [digest, repository, at]);
        if (forgotten.length > 0 && before) await dropUnused(sql, before.ids);
      });
    },
    recall: async (digest) => {
      await db.query('DELETE FROM component_digests WHERE digest = $1 AND gone', [digest]);
    },
    missing: async (after, limit) => {
      const rows = await db.query<MissingRow>(`${MISSING} ORDER BY lacking.digest LIMIT $2`, [
        after,
        limit,
      ]);
      return rows.map(toMissing);
    },
    counts: async () => {
      const [row] = await db.query<IndexCounts>(
        `SELECT (SELECT count(*)::integer FROM component_digests WHERE NOT gone) AS digests,
           (SELECT count(*)::integer FROM components) AS components,
           (SELECT count(*)::integer FROM (${MISSING}) one) AS missing`,
        [null],
      );
      return row ?? { digests: 0, components: 0, missing: 0 };
    },
  };
}

interface MissingRow {
  readonly digest: string;
  readonly repository: string;
  readonly document: string;
}

function toMissing({ digest, repository, document }: MissingRow): ReleasedSbom {
  return { digest: parseDigest(digest), repository, sbom: document };
}
