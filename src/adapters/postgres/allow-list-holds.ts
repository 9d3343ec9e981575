import { ReleaseError } from '../../contract/errors';
import { parseDigest } from '../../domain/digest';
import { MAX_HOLDS, type AllowList, type Hold, type RecordedHold } from '../../ports/allow-list';
import { toJsonb, type Database, type Sql } from './database';
import { toTime } from './registry-rows';

interface HoldRow {
  readonly hold_id: string;
  readonly digest: string;
  readonly repository: string | null;
  readonly reason: string;
  readonly actor: string;
  readonly at: Date;
  readonly expires_at: Date | null;
  readonly released_at: Date | null;
  readonly released_by: string | null;
  readonly release_reason: string | null;
}

const COLUMNS = `hold_id, digest, repository, reason, actor, at, expires_at,
  released_at, released_by, release_reason`;
const IS_OPEN = 'released_at IS NULL AND (expires_at IS NULL OR expires_at > now())';

function toHold(row: HoldRow): RecordedHold {
  return {
    id: row.hold_id,
    digest: parseDigest(row.digest),
    repository: row.repository,
    reason: row.reason,
    by: row.actor,
    at: row.at.toISOString(),
    until: toTime(row.expires_at),
    releasedAt: toTime(row.released_at),
    releasedBy: row.released_by,
    releaseReason: row.release_reason,
  };
}

async function find(sql: Sql, id: string): Promise<HoldRow | undefined> {
  const [row] = await sql.query<HoldRow>(`SELECT ${COLUMNS} FROM digest_holds WHERE hold_id = $1`, [
    id,
  ]);
  return row;
}

async function refuseTooMany(sql: Sql, { digest }: Hold): Promise<void> {
  const [row] = await sql.query<{ readonly open: number }>(
    `SELECT count(*)::integer AS open FROM digest_holds WHERE digest = $1 AND ${IS_OPEN}`,
    [digest],
  );
  if (!row || row.open < MAX_HOLDS) return;
  throw new ReleaseError('INVALID_INPUT', `${digest} is held ${MAX_HOLDS} times already`, {
    details: { field: 'image', remedy: 'release those that are over: plura reg keep list' },
  });
}

async function add(sql: Sql, hold: Hold): Promise<RecordedHold> {
  const before = await find(sql, hold.id);
  if (before) return toHold(before);
  await refuseTooMany(sql, hold);
  const { id, digest, repository, reason, by, at, until } = hold;
  const [added] = await sql.query<HoldRow>(
    `INSERT INTO digest_holds (hold_id, digest, repository, reason, actor, at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (hold_id) DO NOTHING RETURNING ${COLUMNS}`,
    [id, digest, repository, reason, by, at, until],
  );
  const row = added ?? (await find(sql, id));
  return row ? toHold(row) : { ...hold, releasedAt: null, releasedBy: null, releaseReason: null };
}

type HoldStore = Pick<AllowList, 'addHold' | 'releaseHold' | 'listHolds'>;

export function createHoldStore(db: Database): HoldStore {
  return {
    addHold: async (hold) => db.transaction(async (sql) => add(sql, hold)),
    releaseHold: async (id, actor, reason, at) => {
      await db.query(
        `UPDATE digest_holds SET released_at = $4, released_by = $2, release_reason = $3
         WHERE hold_id = $1 AND released_at IS NULL`,
        [id, actor, reason, at],
      );
      const row = await find(db, id);
      return row ? toHold(row) : null;
    },
    listHolds: async ({ all = false, digests, limit }) => {
      const rows = await db.query<HoldRow>(
        `SELECT ${COLUMNS} FROM digest_holds
         WHERE ($1 OR (${IS_OPEN})) AND ($3::jsonb IS NULL OR
           digest IN (SELECT jsonb_array_elements_text($3::jsonb)))
         ORDER BY id DESC LIMIT $2`,
        [all, limit, digests ? toJsonb(digests) : null],
      );
      return rows.map(toHold);
    },
  };
}
