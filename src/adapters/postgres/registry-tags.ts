import type { Digest } from '../../domain/digest';
import type { Inventory } from '../../ports/inventory';
import type { Database, Sql } from './database';
import type { TaggedPush } from './registry-claims';

type Deletes = Pick<Inventory, 'recordTagDelete' | 'recordManifestDelete'>;

async function recordMove(
  sql: Sql,
  { repository, tag, digest, actor, at }: TaggedPush,
  from: string | null,
): Promise<void> {
  await sql.query(
    `INSERT INTO tag_moves (repository, tag, from_digest, to_digest, actor, at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [repository, tag, from, digest, actor, at],
  );
}

/** The tag points at what was pushed; who put it there first stays on record when it is pushed again. */
export async function moveTag(sql: Sql, push: TaggedPush): Promise<void> {
  const { repository, tag, digest, writeOnce, actor, at } = push;
  const [moved] = await sql.query<{ readonly previous: string | null }>(
    `INSERT INTO repository_tags AS held
       (repository, tag, digest, write_once, pushed_by, pushed_at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (repository, tag) DO UPDATE SET previous = held.digest, digest = EXCLUDED.digest,
       write_once = EXCLUDED.write_once, pushed_by = EXCLUDED.pushed_by, pushed_at = EXCLUDED.pushed_at
     WHERE held.digest <> EXCLUDED.digest RETURNING previous`,
    [repository, tag, digest, writeOnce, actor, at],
  );
  if (moved) await recordMove(sql, push, moved.previous);
}

/** Claims are not touched: a write-once tag is never free again. */
export function createDeleteStore(db: Database): Deletes {
  return {
    recordTagDelete: async (repository, tag, actor, at) => {
      await db.query(
        `WITH gone AS (
           DELETE FROM repository_tags WHERE repository = $1 AND tag = $2 RETURNING tag, digest
         )
         INSERT INTO tag_moves (repository, tag, from_digest, to_digest, actor, at)
         SELECT $1, tag, digest, NULL, $3, $4::timestamptz FROM gone`,
        [repository, tag, actor, at],
      );
    },
    recordManifestDelete: async (repository, digest, actor, at) =>
      db.transaction(async (sql) => {
        await sql.query('DELETE FROM manifests WHERE repository = $1 AND digest = $2', [
          repository,
          digest,
        ]);
        await dropTagsOf(sql, repository, digest, actor, at);
      }),
  };
}

async function dropTagsOf(
  sql: Sql,
  repository: string,
  digest: Digest,
  actor: string,
  at: string,
): Promise<void> {
  await sql.query(
    `WITH held AS (
       SELECT tag FROM repository_tags WHERE repository = $1 AND digest = $2 ORDER BY tag FOR UPDATE
     ), gone AS (
       DELETE FROM repository_tags gone USING held
       WHERE gone.repository = $1 AND gone.tag = held.tag RETURNING gone.tag, gone.digest
     )
     INSERT INTO tag_moves (repository, tag, from_digest, to_digest, actor, at)
     SELECT $1, tag, digest, NULL, $3, $4::timestamptz FROM gone`,
    [repository, digest, actor, at],
  );
}
