import { parseDigest } from '../../domain/digest';
import type {
  BaseApproval,
  BaseCatalogue,
  BaseUse,
  ImportedBase,
} from '../../ports/base-catalogue';
import { toJsonb, type Database } from './database';

interface BaseRow {
  readonly repository: string;
  readonly digest: string;
  readonly family: string;
  readonly version: string;
  readonly tag: string;
  readonly source: string;
  readonly source_digest: string;
  readonly verified_by: string;
  readonly imported_at: Date;
  readonly imported_by: string;
  readonly withdrawn_at: Date | null;
}

interface ApprovalRow {
  readonly approved_by: string;
  readonly reason: string;
  readonly accepts_findings: boolean;
  readonly at: Date;
}

interface UseRow {
  readonly svc: string;
  readonly release_id: string;
  readonly digest: string;
  readonly base_repository: string;
  readonly base_digest: string;
}

/** A few families that are new each week fill it in ten years. */
const MAX_LISTED = 5000;

/** What was withdrawn is never left out, else it would be allowed again; then what is newest. */
const LIST = `
  SELECT * FROM (
    SELECT * FROM bases WHERE $1::text IS NULL OR family = $1
    ORDER BY withdrawn_at IS NULL, imported_at DESC LIMIT ${MAX_LISTED}) listed
  ORDER BY family, imported_at DESC, digest`;

/** What was withdrawn stays so; what is imported again, on purpose, becomes the newest. */
const ADD = `
  INSERT INTO bases (repository, digest, family, version, tag, source, source_digest, verified_by,
    imported_at, imported_by, withdrawn_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ON CONFLICT (repository, digest) DO UPDATE SET version = EXCLUDED.version, tag = EXCLUDED.tag,
    source = EXCLUDED.source, verified_by = EXCLUDED.verified_by,
    imported_at = EXCLUDED.imported_at, imported_by = EXCLUDED.imported_by
  WHERE bases.withdrawn_at IS NULL AND bases.imported_at < EXCLUDED.imported_at
  RETURNING xmax = 0 AS added`;

const USES = 'svc, release_id, digest, base_repository, base_digest';

function toBase(row: BaseRow): ImportedBase {
  return {
    family: row.family,
    version: row.version,
    repository: row.repository,
    tag: row.tag,
    digest: parseDigest(row.digest),
    source: row.source,
    sourceDigest: parseDigest(row.source_digest),
    verifiedBy: row.verified_by,
    importedAt: row.imported_at.toISOString(),
    importedBy: row.imported_by,
    withdrawnAt: row.withdrawn_at?.toISOString() ?? null,
  };
}

function toUse(row: UseRow): BaseUse {
  return {
    svc: row.svc,
    releaseId: row.release_id,
    digest: parseDigest(row.digest),
    baseRepository: row.base_repository,
    baseDigest: parseDigest(row.base_digest),
  };
}

async function add(db: Database, base: ImportedBase): Promise<boolean> {
  const rows = await db.query<{ readonly added: boolean }>(ADD, [
    base.repository,
    base.digest,
    base.family,
    base.version,
    base.tag,
    base.source,
    base.sourceDigest,
    base.verifiedBy,
    base.importedAt,
    base.importedBy,
    base.withdrawnAt,
  ]);
  return rows[0]?.added ?? false;
}

async function approve(db: Database, approval: BaseApproval): Promise<void> {
  const { family, digest, approvedBy, reason, acceptsFindings, at } = approval;
  await db.query(
    `INSERT INTO base_approvals (family, digest, approved_by, reason, accepts_findings, at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (family, digest) DO UPDATE SET approved_by = EXCLUDED.approved_by,
       reason = EXCLUDED.reason, accepts_findings = EXCLUDED.accepts_findings, at = EXCLUDED.at`,
    [family, digest, approvedBy, reason, acceptsFindings, at],
  );
}

async function recordUse(db: Database, uses: readonly BaseUse[]): Promise<void> {
  if (uses.length === 0) return;
  await db.query(
    `INSERT INTO base_uses (svc, release_id, digest, base_repository, base_digest)
     SELECT svc, "releaseId", digest, "baseRepository", "baseDigest"
     FROM jsonb_to_recordset($1::jsonb) AS one (svc text, "releaseId" text, digest text,
       "baseRepository" text, "baseDigest" text)
     ON CONFLICT DO NOTHING`,
    [toJsonb(uses)],
  );
}

/** Uses of what each `prod:stable` points at; of the release it points at it for, where several made the same image. */
const STABLE = `
  SELECT DISTINCT ON (used.svc, used.base_repository, used.base_digest)
    ${USES.split(', ')
      .map((column) => `used.${column}`)
      .join(', ')}
  FROM channels JOIN base_uses used ON used.svc = channels.svc AND used.digest = channels.digest
  WHERE channels.channel = 'prod:stable' AND ($1::text IS NULL OR channels.svc = $1)
  ORDER BY used.svc, used.base_repository, used.base_digest,
    used.release_id = channels.release_id DESC NULLS LAST, used.id DESC`;

export function createPostgresBaseCatalogue(db: Database): BaseCatalogue {
  return {
    add: async (base) => add(db, base),
    list: async (family) => {
      const rows = await db.query<BaseRow>(LIST, [family ?? null]);
      return rows.map(toBase);
    },
    withdraw: async (repository, digest, at) => {
      const rows = await db.query(
        `UPDATE bases SET withdrawn_at = $3
         WHERE repository = $1 AND digest = $2 AND withdrawn_at IS NULL RETURNING digest`,
        [repository, digest, at],
      );
      return rows.length === 1;
    },
    approve: async (approval) => approve(db, approval),
    findApproval: async (family, digest) => {
      const [row] = await db.query<ApprovalRow>(
        `SELECT approved_by, reason, accepts_findings, at FROM base_approvals
         WHERE family = $1 AND digest = $2`,
        [family, digest],
      );
      if (!row) return null;
      const { approved_by: approvedBy, reason, accepts_findings: acceptsFindings, at } = row;
      return { family, digest, approvedBy, reason, acceptsFindings, at: at.toISOString() };
    },
    recordUse: async (uses) => recordUse(db, uses),
    stableUses: async (svc) => (await db.query<UseRow>(STABLE, [svc ?? null])).map(toUse),
    usesOf: async (baseDigest, limit) => {
      const rows = await db.query<UseRow>(
        `SELECT ${USES} FROM base_uses WHERE base_digest = $1 ORDER BY id DESC LIMIT $2`,
        [baseDigest, limit],
      );
      return rows.map(toUse);
    },
  };
}
