import { ReleaseError } from '../../contract/errors';
import type { Grant } from '../../domain/admission/grant';
import { parseDigest } from '../../domain/digest';
import type { Environment } from '../../domain/reference';
import { MAX_GRANTS, type AllowList, type RecordedGrant } from '../../ports/allow-list';
import type { Database, Sql } from './database';
import { toTime } from './registry-rows';

interface GrantRow {
  readonly id: string;
  readonly repository: string;
  readonly digest: string;
  readonly namespaces: string | null;
  readonly environment: Environment | null;
  readonly owner: string;
  readonly reason: string;
  readonly granted_by: string;
  readonly granted_at: Date;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
  readonly revoked_by: string | null;
  readonly revoke_reason: string | null;
}

const COLUMNS = `id, repository, digest, namespaces, environment, owner, reason, granted_by,
  granted_at, expires_at, revoked_at, revoked_by, revoke_reason`;
const IS_OPEN = 'revoked_at IS NULL AND expires_at > now()';

function toGrant(row: GrantRow): RecordedGrant {
  return {
    id: row.id,
    repository: row.repository,
    digest: parseDigest(row.digest),
    namespaces: row.namespaces,
    environment: row.environment,
    owner: row.owner,
    reason: row.reason,
    grantedBy: row.granted_by,
    grantedAt: row.granted_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    revokedAt: toTime(row.revoked_at),
    revokedBy: row.revoked_by,
    revokeReason: row.revoke_reason,
  };
}

async function find(sql: Sql, id: string): Promise<GrantRow | undefined> {
  const [row] = await sql.query<GrantRow>(`SELECT ${COLUMNS} FROM allow_grants WHERE id = $1`, [
    id,
  ]);
  return row;
}

async function refuseTooMany(sql: Sql, { repository, digest }: Grant): Promise<void> {
  const [row] = await sql.query<{ readonly open: number }>(
    `SELECT count(*)::integer AS open FROM allow_grants
     WHERE digest = $1 AND repository = $2 AND ${IS_OPEN}`,
    [digest, repository],
  );
  if (!row || row.open < MAX_GRANTS) return;
  throw new ReleaseError('INVALID_INPUT', `There are ${MAX_GRANTS} grants for this image already`, {
    details: { field: 'image', remedy: 'revoke those that are over: plura reg allow list' },
  });
}

async function add(sql: Sql, grant: Grant): Promise<RecordedGrant> {
  const before = await find(sql, grant.id);
  if (before) return toGrant(before);
  await refuseTooMany(sql, grant);
  const { id, repository, digest, namespaces, environment, owner, reason } = grant;
  const given = [id, repository, digest, namespaces, environment, owner, reason];
  const [added] = await sql.query<GrantRow>(
    `INSERT INTO allow_grants (id, repository, digest, namespaces, environment, owner, reason,
       granted_by, granted_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (id) DO NOTHING RETURNING ${COLUMNS}`,
    [...given, grant.grantedBy, grant.grantedAt, grant.expiresAt],
  );
  const row = added ?? (await find(sql, id));
  return row ? toGrant(row) : { ...grant, revokedAt: null, revokedBy: null, revokeReason: null };
}

type GrantStore = Pick<AllowList, 'addGrant' | 'revokeGrant' | 'getGrant' | 'listGrants'>;

export function createGrantStore(db: Database): GrantStore {
  return {
    addGrant: async (grant) => db.transaction(async (sql) => add(sql, grant)),
    revokeGrant: async (id, actor, reason, at) => {
      await db.query(
        `UPDATE allow_grants SET revoked_at = $4, revoked_by = $2, revoke_reason = $3
         WHERE id = $1 AND revoked_at IS NULL`,
        [id, actor, reason, at],
      );
      const row = await find(db, id);
      return row ? toGrant(row) : null;
    },
    getGrant: async (id) => {
      const row = await find(db, id);
      return row ? toGrant(row) : null;
    },
    listGrants: async ({ all = false, limit }) => {
      const rows = await db.query<GrantRow>(
        `SELECT ${COLUMNS} FROM allow_grants WHERE $1 OR (${IS_OPEN}) ORDER BY ordinal DESC LIMIT $2`,
        [all, limit],
      );
      return rows.map(toGrant);
    },
  };
}
