import { parseDigest } from '../../domain/digest';
import type { Inventory, RepositoryRecord } from '../../ports/inventory';
import { toJsonb, type Database } from './database';
import {
  MANIFEST_COLUMNS,
  TAG_COLUMNS,
  toManifest,
  toTag,
  type ManifestRow,
  type TagRow,
} from './registry-rows';

type TagReads = Pick<Inventory, 'getTag' | 'listTags' | 'tagsOf'>;
type ManifestReads = Pick<
  Inventory,
  'listRepositories' | 'getManifest' | 'listReferrers' | 'listParents' | 'readRepository'
>;

const MAX_PAGE = 10_000;
/** More than an index of 4 MiB can name, so none is left out of one. */
const MAX_REFERRERS = 50_000;

function createTagReads(db: Database): TagReads {
  return {
    getTag: async (repository, tag) => {
      const [row] = await db.query<TagRow>(
        `SELECT ${TAG_COLUMNS} FROM repository_tags WHERE repository = $1 AND tag = $2`,
        [repository, tag],
      );
      return row ? toTag(row) : null;
    },
    listTags: async (repository, { after = '', limit }) => {
      const rows = await db.query<TagRow>(
        `SELECT ${TAG_COLUMNS} FROM repository_tags
         WHERE repository = $1 AND tag > $2 ORDER BY tag LIMIT $3`,
        [repository, after, Math.min(limit, MAX_PAGE)],
      );
      return rows.map(toTag);
    },
    tagsOf: async (repository, digests) => {
      const rows = await db.query<{ readonly tag: string }>(
        `SELECT tag FROM repository_tags
         WHERE repository = $1 AND digest IN (SELECT jsonb_array_elements_text($2::jsonb))
         ORDER BY tag`,
        [repository, toJsonb(digests)],
      );
      return rows.map((row) => row.tag);
    },
  };
}

function createManifestReads(db: Database): ManifestReads {
  return {
    listRepositories: async ({ after = '', limit }) => {
      const rows = await db.query<{ readonly name: string }>(
        `SELECT name FROM repositories repository
         WHERE name > $1 AND EXISTS (
           SELECT 1 FROM manifests WHERE manifests.repository = name AND NOT pending
         )
         ORDER BY name LIMIT $2`,
        [after, Math.min(limit, MAX_PAGE)],
      );
      return rows.map((row) => row.name);
    },
    getManifest: async (repository, digest) => {
      const [row] = await db.query<ManifestRow>(
        `SELECT ${MANIFEST_COLUMNS} FROM manifests manifest
         WHERE repository = $1 AND digest = $2 AND NOT pending`,
        [repository, digest],
      );
      return row ? toManifest(row) : null;
    },
    listReferrers: async (repository, subject) => {
      const rows = await db.query<ManifestRow>(
        `SELECT ${MANIFEST_COLUMNS} FROM manifests manifest
         WHERE repository = $1 AND subject = $2 AND NOT pending ORDER BY pushed_at, digest LIMIT $3`,
        [repository, subject, MAX_REFERRERS],
      );
      return rows.map(toManifest);
    },
    listParents: async (repository, child) => {
      const rows = await db.query<{ readonly parent: string }>(
        `SELECT DISTINCT edge.parent FROM manifest_edges edge
         JOIN manifests manifest ON manifest.repository = edge.repository AND manifest.digest = edge.parent
         WHERE edge.repository = $1 AND edge.child = $2 AND edge.kind = 'child' AND NOT manifest.pending
         ORDER BY edge.parent LIMIT $3`,
        [repository, child, MAX_PAGE],
      );
      return rows.map((row) => parseDigest(row.parent));
    },
    readRepository: async (repository) => readRepository(db, repository),
  };
}

async function readRepository(db: Database, repository: string): Promise<RepositoryRecord> {
  const tags = await db.query<TagRow>(
    `SELECT ${TAG_COLUMNS} FROM repository_tags WHERE repository = $1 ORDER BY tag`,
    [repository],
  );
  const manifests = await db.query<{ readonly digest: string }>(
    'SELECT digest FROM manifests WHERE repository = $1 AND NOT pending ORDER BY digest',
    [repository],
  );
  return {
    repository,
    tags: tags.map(toTag),
    manifests: manifests.map((row) => parseDigest(row.digest)),
  };
}

export function createInventoryReads(db: Database): TagReads & ManifestReads {
  return { ...createTagReads(db), ...createManifestReads(db) };
}
