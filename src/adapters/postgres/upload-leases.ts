import { parseDigest } from '../../domain/digest';
import type { UploadLeases } from '../../ports/upload-leases';
import type { Database } from './database';

interface LeaseRow {
  readonly repository: string;
  readonly digest: string;
}

const MAX_PAGE = 5000;

const LEASE = `INSERT INTO upload_leases AS held (repository, digest, leased_at)`;
const NEWEST = `ON CONFLICT (repository, digest)
  DO UPDATE SET leased_at = greatest(held.leased_at, EXCLUDED.leased_at)`;

export function createPostgresUploadLeases(db: Database): UploadLeases {
  return {
    beginCommit: async (id, { repository, digest }) => {
      await db.query(
        `INSERT INTO upload_commits (id, repository, digest) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET begun_at = clock_timestamp()`,
        [id, repository, digest],
      );
    },
    endCommit: async (id, { stored, at }) => {
      await db.query(
        `WITH ended AS (DELETE FROM upload_commits WHERE id = $1 RETURNING repository, digest)
         ${LEASE} SELECT repository, digest, $3::timestamptz FROM ended WHERE $2 ${NEWEST}`,
        [id, stored, at],
      );
    },
    lease: async ({ repository, digest }, at) => {
      await db.query(`${LEASE} VALUES ($1, $2, $3) ${NEWEST}`, [repository, digest, at]);
    },
    isNamed: async ({ repository, digest }) => {
      const rows = await db.query(
        `SELECT 1 FROM manifest_edges edge
         JOIN manifests manifest
           ON manifest.repository = edge.repository AND manifest.digest = edge.parent
         WHERE edge.repository = $1 AND edge.child = $2 AND edge.kind <> 'child'
           AND NOT manifest.pending LIMIT 1`,
        [repository, digest],
      );
      return rows.length > 0;
    },
    countCommits: async (since) => {
      const [row] = await db.query<{ readonly count: string }>(
        'SELECT count(*) AS count FROM upload_commits WHERE begun_at >= $1',
        [since],
      );
      return Number(row?.count ?? 0);
    },
    listLeased: async ({ since, after, limit }) => {
      const rows = await db.query<LeaseRow>(
        `SELECT lease.repository, lease.digest FROM upload_leases lease
         WHERE lease.leased_at >= $1 AND (lease.repository, lease.digest) > ($2, $3::text)
           AND NOT EXISTS (
             SELECT 1 FROM manifest_edges edge
             JOIN manifests manifest
               ON manifest.repository = edge.repository AND manifest.digest = edge.parent
             WHERE edge.repository = lease.repository AND edge.child = lease.digest
               AND edge.kind <> 'child' AND NOT manifest.pending
           )
         ORDER BY lease.repository, lease.digest LIMIT $4`,
        [since, after?.repository ?? '', after?.digest ?? '', Math.min(limit, MAX_PAGE)],
      );
      return rows.map(({ repository, digest }) => ({ repository, digest: parseDigest(digest) }));
    },
    forget: async (before) => {
      await db.query('DELETE FROM upload_leases WHERE leased_at < $1', [before]);
      await db.query('DELETE FROM upload_commits WHERE begun_at < $1', [before]);
    },
  };
}
