import { parseDigest } from '../../domain/digest';
import type { Lease } from '../../domain/lease';
import type { Leases } from '../../ports/leases';
import { toJsonb, type Database, type Sql } from './database';

interface LeaseRow {
  readonly repository: string;
  readonly digest: string;
  readonly reason: Lease['reason'];
  readonly svc: string;
  readonly taken_at: Date;
  readonly renewed_at: Date;
  readonly expires_at: Date;
}

const COLUMNS = 'repository, digest, reason, svc, taken_at, renewed_at, expires_at';

function toLease({ repository, reason, svc, ...row }: LeaseRow): Lease {
  return {
    repository,
    digest: parseDigest(row.digest),
    reason,
    svc,
    takenAt: row.taken_at.toISOString(),
    renewedAt: row.renewed_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  };
}

type Wanted = Parameters<Leases['renew']>[0];

async function renew(sql: Sql, lease: Wanted): Promise<Lease> {
  const { repository, digest, reason, svc, renewedAt, expiresAt } = lease;
  await sql.query('DELETE FROM gc_leases WHERE svc = $1 AND expires_at <= $2', [svc, renewedAt]);
  const [row] = await sql.query<LeaseRow>(
    `INSERT INTO gc_leases AS held (repository, digest, reason, svc, taken_at, renewed_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $5, $6)
     ON CONFLICT (repository, digest, reason, svc) DO UPDATE
       SET renewed_at = greatest(held.renewed_at, excluded.renewed_at),
         expires_at = greatest(held.expires_at, excluded.expires_at)
     RETURNING ${COLUMNS}`,
    [repository, digest, reason, svc, renewedAt, expiresAt],
  );
  // Never without a row: the statement writes one either way.
  return row ? toLease(row) : { ...lease, takenAt: lease.renewedAt };
}

export function createPostgresLeases(db: Database): Leases {
  return {
    renew: async (lease) => db.transaction(async (sql) => renew(sql, lease)),
    find: async (repository, digests, at) => {
      const rows = await db.query<LeaseRow>(
        `SELECT ${COLUMNS} FROM gc_leases
         WHERE repository = $1 AND digest IN (SELECT jsonb_array_elements_text($2::jsonb))
           AND expires_at > $3
         ORDER BY expires_at DESC, svc`,
        [repository, toJsonb(digests), at],
      );
      return rows.map(toLease);
    },
  };
}
