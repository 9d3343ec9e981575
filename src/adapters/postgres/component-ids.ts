import type { Component } from '../../domain/advisories/component';
import { toJsonb, type Transaction } from './database';

const GIVEN = `jsonb_to_recordset($1::jsonb) AS given
  (at integer, space text, name text, products text[], version text, purl text, arch text)`;

const PACKAGE = `(SELECT id FROM component_packages known
  WHERE (known.space, known.name, known.products) = (given.space, given.name, given.products))`;

/** Subqueries, not joins: the planner would rather read all of a table of a hundred thousand rows than ask after three hundred. */
const FIND = `
  SELECT at, package, (SELECT id FROM components known
    WHERE (known.package, known.version, known.purl, known.arch)
      = (one.package, one.version, one.purl, one.arch)) AS id
  FROM (SELECT given.*, ${PACKAGE} AS package FROM ${GIVEN} OFFSET 0) one`;

const ADD_PACKAGES = `
  INSERT INTO component_packages (space, name, products)
  SELECT DISTINCT space, name, products FROM ${GIVEN} WHERE ${PACKAGE} IS NULL`;

const ADD_COMPONENTS = `
  INSERT INTO components (package, version, purl, arch, added_at)
  SELECT DISTINCT ${PACKAGE}, version, purl, arch, $2::timestamptz FROM ${GIVEN}
  RETURNING id`;

interface FoundRow {
  readonly at: number;
  readonly package: number | null;
  readonly id: number | null;
}

function keyOf({ space, name, products, version, purl, arch }: Component): string {
  return [space, name, ...products, version, purl, arch].join('\0');
}

/** Of each component once, in order, so that GIN reads them as they lie; what is new is added. Within the lock of the index. */
export async function componentIds(
  sql: Transaction,
  components: readonly Component[],
  at: string,
): Promise<readonly number[]> {
  const distinct = [...new Map(components.map((one) => [keyOf(one), one])).values()];
  const given = toJsonb(distinct.map((one, place) => ({ ...one, at: place })));
  const rows = await sql.query<FoundRow>(FIND, [given]);
  const known = rows.flatMap(({ id }) => id ?? []);
  const lacking = rows.filter(({ id }) => id === null);
  const added = await add(sql, toJsonb(lacking.map((row) => distinct[row.at])), {
    components: lacking.length > 0,
    packages: lacking.some((row) => row.package === null),
    at,
  });
  return [...new Set([...known, ...added])].sort((a, b) => a - b);
}

async function add(
  sql: Transaction,
  given: string,
  lacks: { readonly components: boolean; readonly packages: boolean; readonly at: string },
): Promise<readonly number[]> {
  if (!lacks.components) return [];
  if (lacks.packages) await sql.query(ADD_PACKAGES, [given]);
  const rows = await sql.query<{ readonly id: number }>(ADD_COMPONENTS, [given, lacks.at]);
  return rows.map(({ id }) => id);
}
