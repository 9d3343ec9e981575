import type { DeniedDigest, Denial } from '../../domain/admission/grant';
import { SYSTEM_ACTOR } from '../../domain/actor';
import { parseDigest } from '../../domain/digest';
import type { AllowList, RecordedDenial } from '../../ports/allow-list';
import type { Database, Sql } from './database';
import { REACHED } from './registry-family';
import { toTime } from './registry-rows';

interface DenialRow {
  readonly digest: string;
  readonly repository: string | null;
  readonly reason: string;
  readonly actor: string;
  readonly at: Date;
  readonly lifted_at: Date | null;
  readonly lifted_by: string | null;
  readonly lift_reason: string | null;
}

const COLUMNS = 'digest, repository, reason, actor, at, lifted_at, lifted_by, lift_reason';

function toDenial(row: DenialRow): RecordedDenial {
  return {
    digest: parseDigest(row.digest),
    repository: row.repository,
    reason: row.reason,
    by: row.actor,
    at: row.at.toISOString(),
    liftedAt: toTime(row.lifted_at),
    liftedBy: row.lifted_by,
    liftReason: row.lift_reason,
  };
}

async function add(sql: Sql, denial: Denial): Promise<RecordedDenial> {
  const { digest, repository, reason, by, at } = denial;
  const [added] = await sql.query<DenialRow>(
    `INSERT INTO allow_denials AS held (digest, repository, reason, actor, at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (digest) WHERE lifted_at IS NULL DO UPDATE SET
       repository = EXCLUDED.repository, reason = EXCLUDED.reason, actor = EXCLUDED.actor
     WHERE held.actor = $6 AND EXCLUDED.actor <> $6
     RETURNING ${COLUMNS}`,
    [digest, repository, reason, by, at, SYSTEM_ACTOR.subject],
  );
  if (added) return toDenial(added);
  const [held] = await sql.query<DenialRow>(
    `SELECT ${COLUMNS} FROM allow_denials WHERE digest = $1 ORDER BY id DESC LIMIT 1`,
    [digest],
  );
  return held ? toDenial(held) : { ...denial, liftedAt: null, liftedBy: null, liftReason: null };
}

async function lift(
  db: Database,
  ...[digest, actor, reason, at, onlyOf]: Parameters<AllowList['liftDenial']>
): Promise<boolean> {
  const lifted = await db.query(
    `UPDATE allow_denials SET lifted_at = $4, lifted_by = $2, lift_reason = $3
     WHERE digest = $1 AND lifted_at IS NULL AND actor = coalesce($5, actor) RETURNING id`,
    [digest, actor, reason, at, onlyOf ?? null],
  );
  if (lifted.length > 0) return true;
  const before = await db.query(
    'SELECT 1 FROM allow_denials WHERE digest = $1 AND lifted_by = $2 AND lifted_at = $3 LIMIT 1',
    [digest, actor, at],
  );
  return before.length > 0;
}

type DeniedRow = Pick<DenialRow, 'digest' | 'reason' | 'actor' | 'at'> & { readonly cause: string };

// Parents and children both: what facts calls the family.
const DENIED = `
  WITH RECURSIVE
    held AS (SELECT id, digest, reason, actor, at FROM allow_denials WHERE lifted_at IS NULL),
    ${REACHED}
  SELECT DISTINCT ON (reached.digest) reached.digest, reached.cause, held.reason, held.actor, held.at
  FROM reached JOIN held ON held.digest = reached.cause
  ORDER BY reached.digest, reached.cause = reached.digest DESC, held.id`;

function toDenied({ digest, cause, reason, actor, at }: DeniedRow): DeniedDigest {
  const named = { digest: parseDigest(digest), cause: parseDigest(cause) };
  return { ...named, reason, by: actor, at: at.toISOString() };
}

type DenialStore = Pick<AllowList, 'addDenial' | 'liftDenial' | 'listDenials' | 'listDenied'>;

export function createDenialStore(db: Database): DenialStore {
  return {
    addDenial: async (denial) => db.transaction(async (sql) => add(sql, denial)),
    liftDenial: async (...asked) => lift(db, ...asked),
    listDenials: async ({ all = false, limit }) => {
      const rows = await db.query<DenialRow>(
        `SELECT ${COLUMNS} FROM allow_denials WHERE $1 OR lifted_at IS NULL
         ORDER BY id DESC LIMIT $2`,
        [all, limit],
      );
      return rows.map(toDenial);
    },
    listDenied: async () => {
      const rows = await db.query<DeniedRow>(DENIED, [true, true], 'denied');
      return rows.map(toDenied);
    },
  };
}
