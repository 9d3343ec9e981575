import type { InventoryEdge, PushRecord } from '../../ports/inventory';
import { toJsonb, type Database, type Sql } from './database';

// Every transaction locks in this order, so that none waits for another in a circle: claim, repository, manifest, edges by
// position, blobs by digest, push, tags by name.

async function recordManifest(sql: Sql, push: PushRecord, pending: boolean): Promise<void> {
  const { repository, digest, mediaType, artifactType, size, subject, actor, at } = push;
  await sql.query(
    `INSERT INTO repositories (name, first_push_by, first_push_at) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO NOTHING`,
    [repository, actor, at],
  );
  // Updates even where nothing changes: that holds the row, so that its edges can't lose it to a delete meanwhile.
  await sql.query(
    `INSERT INTO manifests AS held
       (repository, digest, media_type, artifact_type, size, subject, pending, pushed_by, pushed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (repository, digest) DO UPDATE SET pending = held.pending AND EXCLUDED.pending,
       pushed_at = greatest(held.pushed_at, EXCLUDED.pushed_at)`,
    [repository, digest, mediaType, artifactType, size, subject, pending, actor, at],
  );
}

async function recordEdges(sql: Sql, { repository, digest, edges }: PushRecord): Promise<void> {
  const rows = edges.map((edge, position) => ({ ...edge, position }));
  await sql.query(
    `INSERT INTO manifest_edges (repository, parent, position, kind, child, size, media_type)
     SELECT $1, $2, position, kind, digest, size, "mediaType"
     FROM jsonb_to_recordset($3::jsonb)
       AS edge (position integer, kind text, digest text, size bigint, "mediaType" text)
     ORDER BY position
     ON CONFLICT (repository, parent, position) DO NOTHING`,
    [repository, digest, toJsonb(rows)],
  );
}

/** What an upload said of its size counts for more than what a manifest says of it. */
async function recordNamedBlobs(sql: Sql, push: PushRecord): Promise<void> {
  const blobs = push.edges.filter((edge) => edge.kind !== 'child');
  await sql.query(
    `INSERT INTO repository_blobs (repository, digest, size, recorded_by, recorded_at)
     SELECT DISTINCT ON (digest) $1, digest, size, $3, $4::timestamptz
     FROM jsonb_to_recordset($2::jsonb) AS blob (digest text, size bigint)
     ORDER BY digest
     ON CONFLICT (repository, digest) DO NOTHING`,
    [push.repository, toJsonb(blobs), push.actor, push.at],
  );
}

/** Repository, manifest, edges and blobs. Once a manifest was taken it stays so, whatever later pushes of it come to. */
export async function recordContents(sql: Sql, push: PushRecord, pending: boolean): Promise<void> {
  await recordManifest(sql, push, pending);
  if (push.edges.length > 0) {
    await recordEdges(sql, push);
    await recordNamedBlobs(sql, push);
  }
}

export async function lockContents(sql: Sql, { repository, digest }: PushRecord): Promise<void> {
  await sql.query('SELECT 1 FROM manifests WHERE repository = $1 AND digest = $2 FOR UPDATE', [
    repository,
    digest,
  ]);
}

/** Forgets a manifest that the registry never took and nobody is pushing. */
export async function dropContents(sql: Sql, { repository, digest }: PushRecord): Promise<void> {
  await sql.query(
    `DELETE FROM manifests WHERE repository = $1 AND digest = $2 AND pending
       AND NOT EXISTS (
         SELECT 1 FROM pushes WHERE repository = $1 AND digest = $2 AND completed_at IS NULL
       )`,
    [repository, digest],
  );
}

export async function recordBlob(
  db: Database,
  repository: string,
  { digest, size }: Pick<InventoryEdge, 'digest' | 'size'>,
  actor: string,
  at: string,
): Promise<void> {
  await db.query(
    `INSERT INTO repository_blobs AS held (repository, digest, size, recorded_by, recorded_at)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (repository, digest) DO UPDATE SET size = EXCLUDED.size
     WHERE held.size <> EXCLUDED.size`,
    [repository, digest, size, actor, at],
  );
}
