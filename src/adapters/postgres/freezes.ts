import { ReleaseError } from '../../contract/errors';
import type { FreezeEnvironment, FreezeRule } from '../../domain/freeze';
import type { FreezeSchedule } from '../../domain/freeze-schedule';
import { MAX_FREEZES, type Freeze, type Freezes } from '../../ports/freezes';
import { toJsonb, type Database, type Sql } from './database';
import { createLineStops } from './freezes-line';
import { toTime } from './registry-rows';

interface FreezeRow {
  readonly name: string;
  readonly svc: string | null;
  readonly environments: readonly FreezeEnvironment[];
  readonly schedule: FreezeSchedule;
  readonly reason: string;
  readonly created_by: string;
  readonly created_at: Date;
  readonly deleted_at: Date | null;
  readonly deleted_by: string | null;
  readonly delete_reason: string | null;
}

const COLUMNS = `name, svc, environments, schedule, reason, created_by, created_at, deleted_at,
  deleted_by, delete_reason`;
const COVERS = '(svc IS NULL OR svc = $1)';

function toFreeze(row: FreezeRow): Freeze {
  return {
    name: row.name,
    scope: { svc: row.svc, environments: row.environments },
    schedule: row.schedule,
    reason: row.reason,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    deletedAt: toTime(row.deleted_at),
    deletedBy: row.deleted_by,
    deleteReason: row.delete_reason,
  };
}

async function refuseTooMany(sql: Sql): Promise<void> {
  const [row] = await sql.query<{ readonly open: number }>(
    'SELECT count(*)::integer AS open FROM freezes WHERE deleted_at IS NULL',
  );
  if (!row || row.open < MAX_FREEZES) return;
  throw new ReleaseError('INVALID_INPUT', `There are ${MAX_FREEZES} freezes already`, {
    details: { field: 'name', remedy: 'delete those that are over: plura reg freeze list' },
  });
}

type Content = readonly (string | null)[];

function contentOf({ name, scope, schedule, reason, createdBy }: FreezeRule): Content {
  return [name, scope.svc, toJsonb(scope.environments), toJsonb(schedule), reason, createdBy];
}

async function findSame(sql: Sql, content: Content): Promise<FreezeRow | undefined> {
  const [same] = await sql.query<FreezeRow>(
    `SELECT ${COLUMNS} FROM freezes WHERE deleted_at IS NULL AND name = $1
       AND svc IS NOT DISTINCT FROM $2 AND to_jsonb(environments) = $3::jsonb
       AND schedule = $4::jsonb AND reason = $5 AND created_by = $6`,
    content,
  );
  return same;
}

async function add(sql: Sql, freeze: FreezeRule): Promise<FreezeRow> {
  const content = contentOf(freeze);
  const before = await findSame(sql, content);
  if (before) return before;
  await refuseTooMany(sql);
  const [added] = await sql.query<FreezeRow>(
    `INSERT INTO freezes (name, svc, environments, schedule, reason, created_by, created_at)
     VALUES ($1, $2, ARRAY(SELECT jsonb_array_elements_text($3::jsonb)), $4, $5, $6, $7)
     ON CONFLICT (name) WHERE deleted_at IS NULL DO NOTHING RETURNING ${COLUMNS}`,
    [...content, freeze.createdAt],
  );
  const held = added ?? (await findSame(sql, content));
  if (held) return held;
  const { name } = freeze;
  throw new ReleaseError('FREEZE_EXISTS', `There is a freeze "${name}" already`, {
    details: {
      field: 'name',
      remedy: `take another name, or see it: plura reg freeze show ${name}`,
    },
  });
}

async function remove(
  db: Database,
  name: string,
  actor: string,
  reason: string,
  at: string,
): Promise<boolean> {
  const removed = await db.query(
    `UPDATE freezes SET deleted_at = $4, deleted_by = $2, delete_reason = $3
     WHERE name = $1 AND deleted_at IS NULL RETURNING id`,
    [name, actor, reason, at],
  );
  if (removed.length > 0) return true;
  const before = await db.query(
    'SELECT 1 FROM freezes WHERE name = $1 AND deleted_by = $2 AND deleted_at = $3 LIMIT 1',
    [name, actor, at],
  );
  return before.length > 0;
}

async function covering(db: Database, svc: string): Promise<readonly Freeze[]> {
  const rows = await db.query<FreezeRow>(
    `SELECT ${COLUMNS} FROM freezes WHERE deleted_at IS NULL AND ${COVERS} ORDER BY id`,
    [svc],
  );
  return rows.map(toFreeze);
}

export function createPostgresFreezes(db: Database): Freezes {
  const line = createLineStops(db);
  return {
    add: async (freeze) => toFreeze(await db.transaction(async (sql) => add(sql, freeze))),
    get: async (name) => {
      const [row] = await db.query<FreezeRow>(
        `SELECT ${COLUMNS} FROM freezes WHERE name = $1 AND deleted_at IS NULL`,
        [name],
      );
      return row ? toFreeze(row) : null;
    },
    list: async ({ svc = null, all = false, limit }) => {
      const rows = await db.query<FreezeRow>(
        `SELECT ${COLUMNS} FROM freezes
         WHERE ($1::text IS NULL OR ${COVERS}) AND ($2 OR deleted_at IS NULL)
         ORDER BY id DESC LIMIT $3`,
        [svc, all, limit],
      );
      return rows.map(toFreeze);
    },
    remove: async (name, actor, reason, at) => remove(db, name, actor, reason, at),
    stop: line.stop,
    resume: line.resume,
    stops: async () => line.read(null),
    covering: async (svc) => {
      const [freezes, stops] = await Promise.all([covering(db, svc), line.read(svc)]);
      return { freezes, stops };
    },
  };
}
