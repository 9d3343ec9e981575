import { NO_GROUP, type GroupFigures, type StorageSample } from '../../domain/accounting/figures';
import type { SampleOrder, StorageSamples } from '../../ports/storage-samples';
import { ReleaseError } from '../../contract/errors';
import { toJsonb, type Database, type Sql } from './database';
import { INSERT_GROUPS, PLACES, PREPARE, REPLACE_TOTALS } from './storage-sample-sql';

/** Bigints come as text; all of them are within what a number can hold. */
interface SampleRow {
  readonly day: string;
  readonly at: Date;
  readonly storage_bytes: string;
  readonly logical_bytes: string;
  readonly reclaimable_bytes: string | null;
  readonly repositories: number;
  readonly manifests: string;
  readonly tags: string;
  readonly digests: string;
  readonly contents: string;
  readonly images: StorageSample['totals']['images'];
}

interface GroupRow {
  readonly breakdown: GroupFigures['by'];
  readonly name: string;
  readonly logical_bytes: string;
  readonly unique_bytes: string;
  readonly shared_bytes: string;
  readonly reclaimable_bytes: string | null;
  readonly manifests: string;
  readonly tags: string;
  readonly contents: string;
  readonly images: GroupFigures['images'];
}

/** A day as text: pg would make a local midnight of it. */
const SAMPLE = `SELECT day::text AS day, at, storage_bytes, logical_bytes, reclaimable_bytes, repositories,
  manifests, tags, digests, contents, images FROM storage_samples`;

const MAX_GROUPS = 10_000;
const MAX_DAYS = 4000;

function toNumber(text: string | null): number | null {
  return text === null ? null : Number(text);
}

function toSample(row: SampleRow): StorageSample {
  return {
    day: row.day,
    at: row.at.toISOString(),
    totals: {
      storageBytes: Number(row.storage_bytes),
      logicalBytes: Number(row.logical_bytes),
      reclaimableBytes: toNumber(row.reclaimable_bytes),
      repositories: row.repositories,
      manifests: Number(row.manifests),
      tags: Number(row.tags),
      digests: Number(row.digests),
      contents: Number(row.contents),
      images: row.images,
    },
  };
}

const NO_IMAGES = { dev: 0, stg: 0, prod: 0, [NO_GROUP]: 0 } as const;

function toGroup(row: GroupRow): GroupFigures {
  return {
    by: row.breakdown,
    name: row.name,
    logicalBytes: Number(row.logical_bytes),
    uniqueBytes: Number(row.unique_bytes),
    sharedBytes: Number(row.shared_bytes),
    reclaimableBytes: toNumber(row.reclaimable_bytes),
    manifests: Number(row.manifests),
    tags: Number(row.tags),
    contents: Number(row.contents),
    images: row.breakdown === 'repository' ? (row.images ?? NO_IMAGES) : null,
  };
}

async function take(sql: Sql, { day, at, places }: SampleOrder): Promise<SampleRow[]> {
  // One snapshot: figures that are counted one after the other add up all the same.
  await sql.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await sql.query(`SET LOCAL work_mem = '64MB'`);
  await sql.query(PLACES[0]);
  await sql.query(PLACES[1], [toJsonb(places)]);
  for (const statement of PREPARE) await sql.query(statement);
  await sql.query(REPLACE_TOTALS[0], [day]);
  await sql.query(REPLACE_TOTALS[1], [day, at]);
  for (const statement of INSERT_GROUPS) await sql.query(statement, [day]);
  return sql.query<SampleRow>(`${SAMPLE} WHERE day = $1::date`, [day]);
}

/** By steps from name to name: blobs are many, repositories few. */
const REPOSITORIES = `
  WITH RECURSIVE names (name) AS (
    (SELECT repository FROM repository_blobs ORDER BY repository LIMIT 1)
    UNION ALL
    SELECT (SELECT repository FROM repository_blobs WHERE repository > names.name
            ORDER BY repository LIMIT 1)
    FROM names WHERE names.name IS NOT NULL
  )
  SELECT name FROM names WHERE name IS NOT NULL UNION SELECT name FROM repositories ORDER BY name`;

/** `slow` allows its statements the minutes that counting takes. */
export function createPostgresStorageSamples(db: Database, slow: Database): StorageSamples {
  return {
    repositories: async () =>
      (await slow.query<{ readonly name: string }>(REPOSITORIES)).map(({ name }) => name),
    take: async (order) => {
      const [row] = await slow.transaction(async (sql) => take(sql, order));
      if (!row) throw new ReleaseError('INTERNAL', `The sample of ${order.day} was not kept`);
      return toSample(row);
    },
    newest: async () => {
      const [row] = await db.query<SampleRow>(`${SAMPLE} ORDER BY day DESC LIMIT 1`);
      return row ? toSample(row) : null;
    },
    groups: async (day, { by, name = null, limit }) => {
      const rows = await db.query<GroupRow>(
        `SELECT * FROM storage_groups
         WHERE day = $1::date AND breakdown = $2 AND ($3::text IS NULL OR name = $3)
         ORDER BY unique_bytes + shared_bytes DESC, name LIMIT $4`,
        [day, by, name, Math.min(limit, MAX_GROUPS)],
      );
      return rows.map(toGroup);
    },
    days: async (from) => {
      const rows = await db.query<Pick<SampleRow, 'day' | 'storage_bytes'>>(
        `SELECT day::text AS day, storage_bytes FROM storage_samples
         WHERE day >= $1::date ORDER BY storage_samples.day LIMIT ${MAX_DAYS}`,
        [from],
      );
      return rows.map((row) => ({ day: row.day, storageBytes: Number(row.storage_bytes) }));
    },
  };
}
