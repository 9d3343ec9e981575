import { ReleaseError } from '../../contract/errors';
import type { RepositoryScope, RobotKind } from '../../domain/registry/principal';
import type { NewRobot, Robot, Robots, RobotWithSecrets } from '../../ports/robots';
import { toJsonb, type Database, type Sql } from './database';
import { toTime } from './registry-rows';

interface RobotRow {
  readonly name: string;
  readonly kind: RobotKind;
  readonly scopes: readonly RepositoryScope[];
  readonly description: string;
  readonly created_by: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly disabled_at: Date | null;
  readonly rotated_at: Date | null;
  readonly last_used_at: Date | null;
}

interface SecretRow {
  readonly robot: string;
  readonly hash: string;
  readonly valid_until: Date | null;
}

const COLUMNS = `name, kind, scopes, description, created_by, created_at, expires_at, disabled_at,
  rotated_at, last_used_at`;

function toRobot(row: RobotRow): Robot {
  return {
    name: row.name,
    kind: row.kind,
    scopes: row.scopes,
    description: row.description,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    expiresAt: toTime(row.expires_at),
    disabledAt: toTime(row.disabled_at),
    rotatedAt: toTime(row.rotated_at),
    lastUsedAt: toTime(row.last_used_at),
  };
}

function found(name: string, row: RobotRow | undefined): Robot {
  if (row) return toRobot(row);
  throw new ReleaseError('ROBOT_NOT_FOUND', `There is no robot "${name}"`, {
    details: { name, remedy: 'plura reg robots list shows all' },
  });
}

async function find(sql: Sql, name: string): Promise<RobotRow | undefined> {
  const [row] = await sql.query<RobotRow>(`SELECT ${COLUMNS} FROM robots WHERE name = $1`, [name]);
  return row;
}

async function create(sql: Sql, robot: NewRobot, secretHash: string): Promise<Robot> {
  const { name, kind, scopes, description, createdBy, createdAt, expiresAt } = robot;
  const [created] = await sql.query<RobotRow>(
    `INSERT INTO robots (name, kind, scopes, description, created_by, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING RETURNING ${COLUMNS}`,
    [name, kind, toJsonb(scopes), description, createdBy, createdAt, expiresAt],
  );
  if (created) {
    await sql.query('INSERT INTO robot_secrets (robot, hash) VALUES ($1, $2)', [name, secretHash]);
    return toRobot(created);
  }
  const [mine] = await sql.query(
    'SELECT 1 FROM robot_secrets WHERE robot = $1 AND hash = $2 AND valid_until IS NULL',
    [name, secretHash],
  );
  if (mine) return found(name, await find(sql, name));
  throw new ReleaseError('ROBOT_EXISTS', `There is a robot "${name}" already`, {
    details: { name, remedy: 'take another name, or rotate its secret' },
  });
}

async function rotate(
  sql: Sql,
  name: string,
  secretHash: string,
  oldValidUntil: string,
  at: string,
): Promise<Robot> {
  // The lock lets rotations of one robot follow each other: there is one current secret.
  const [row] = await sql.query<RobotRow>(
    `SELECT ${COLUMNS} FROM robots WHERE name = $1 FOR UPDATE`,
    [name],
  );
  const robot = found(name, row);
  const [done] = await sql.query(
    'SELECT 1 FROM robot_secrets WHERE robot = $1 AND hash = $2 AND valid_until IS NULL',
    [name, secretHash],
  );
  if (done) return robot;
  await sql.query(
    `UPDATE robot_secrets SET valid_until = least(coalesce(valid_until, 'infinity'), $2)
     WHERE robot = $1`,
    [name, oldValidUntil],
  );
  await sql.query('DELETE FROM robot_secrets WHERE robot = $1 AND valid_until <= $2', [name, at]);
  await sql.query(
    `INSERT INTO robot_secrets (robot, hash) VALUES ($1, $2)
     ON CONFLICT (robot, hash) DO UPDATE SET valid_until = NULL`,
    [name, secretHash],
  );
  await sql.query('UPDATE robots SET rotated_at = $2 WHERE name = $1', [name, at]);
  return { ...robot, rotatedAt: at };
}

/** Locks in one order, since several gateways write at the same time. */
async function recordUse(
  db: Database,
  uses: readonly { readonly name: string; readonly at: string }[],
): Promise<void> {
  await db.query(
    `WITH used AS (
       SELECT name, max(at) AS at
       FROM jsonb_to_recordset($1::jsonb) AS one (name text, at timestamptz) GROUP BY name
     ), stale AS (
       SELECT robot.name, used.at FROM robots robot JOIN used ON used.name = robot.name
       WHERE robot.last_used_at IS NULL OR robot.last_used_at < used.at
       ORDER BY robot.name FOR NO KEY UPDATE OF robot
     )
     UPDATE robots SET last_used_at = stale.at FROM stale WHERE robots.name = stale.name`,
    [toJsonb(uses)],
  );
}

/** With the secrets that still work: what a gateway needs. */
export async function readRobotsWithSecrets(sql: Sql): Promise<readonly RobotWithSecrets[]> {
  const robots = await sql.query<RobotRow>(`SELECT ${COLUMNS} FROM robots ORDER BY name`);
  const secrets = await sql.query<SecretRow>(
    `SELECT robot, hash, valid_until FROM robot_secrets
     WHERE valid_until IS NULL OR valid_until > now()
     ORDER BY robot, valid_until DESC NULLS FIRST, hash`,
  );
  return robots.map((row) => ({
    ...toRobot(row),
    secrets: secrets
      .filter((secret) => secret.robot === row.name)
      .map(({ hash, valid_until }) => ({ hash, validUntil: toTime(valid_until) })),
  }));
}

export function createPostgresRobots(db: Database): Robots {
  return {
    create: async (robot, secretHash) =>
      db.transaction(async (sql) => create(sql, robot, secretHash)),
    get: async (name) => {
      const row = await find(db, name);
      return row ? toRobot(row) : null;
    },
    list: async () => {
      const rows = await db.query<RobotRow>(`SELECT ${COLUMNS} FROM robots ORDER BY name`);
      return rows.map(toRobot);
    },
    rotate: async (name, secretHash, oldValidUntil, at) =>
      db.transaction(async (sql) => rotate(sql, name, secretHash, oldValidUntil, at)),
    setDisabled: async (name, at) => {
      const [row] = await db.query<RobotRow>(
        `UPDATE robots SET disabled_at = CASE
           WHEN $2::timestamptz IS NULL THEN NULL ELSE coalesce(disabled_at, $2::timestamptz) END
         WHERE name = $1 RETURNING ${COLUMNS}`,
        [name, at],
      );
      return found(name, row);
    },
    remove: async (name) => {
      const [row] = await db.query<RobotRow>(
        `DELETE FROM robots WHERE name = $1 RETURNING ${COLUMNS}`,
        [name],
      );
      found(name, row);
    },
    recordUse: async (uses) => {
      if (uses.length > 0) await recordUse(db, uses);
    },
  };
}
