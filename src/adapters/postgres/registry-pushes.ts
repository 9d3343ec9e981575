import { parseDigest } from '../../domain/digest';
import type { Claim, Inventory, PushRecord } from '../../ports/inventory';
import type { PendingPushes } from '../../ports/pending-pushes';
import type { Database, Sql } from './database';
import { recordEvent } from './registry-activity';
import { claim, dropClaim, finishClaim, lockClaim, needsClaim } from './registry-claims';
import { dropContents, lockContents, recordContents } from './registry-contents';
import { awaitWork } from './registry-locks';
import { MANIFEST_COLUMNS, toManifest, type ManifestRow } from './registry-rows';
import { moveTag } from './registry-tags';

type Pushes = Pick<Inventory, 'beginPush' | 'completePush' | 'abandonPush'>;

/** More than anybody asks for in one go. */
const MAX_PENDING = 1000;

function keyOf(push: PushRecord): readonly string[] {
  const { repository, tag, digest, id, actor, at } = push;
  return [repository, tag ?? digest, digest, id ?? `${actor} ${at}`];
}

const IS_KEY = 'repository = $1 AND reference = $2 AND digest = $3 AND push_id = $4';

/** Locks that one transaction takes at most: all transactions share a table of some thousands (max_locks_per_transaction). */
const MAX_AWAITED = 100;

async function begin(sql: Sql, push: PushRecord, replaceAbandoned: boolean): Promise<Claim> {
  await awaitWork(sql, (push.after ?? []).slice(0, MAX_AWAITED));
  const answer: Claim = needsClaim(push)
    ? await claim(sql, push, replaceAbandoned)
    : { kind: 'claimed' };
  if (answer.kind === 'taken') return answer;
  await recordContents(sql, push, true);
  // A used id on a new push is a new attempt; on one that is still open, two that can't be told apart.
  await sql.query(
    `INSERT INTO pushes AS held (repository, reference, digest, push_id, tag, write_once, actor, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (repository, reference, digest, push_id)
       DO UPDATE SET shared = held.completed_at IS NULL, completed_at = NULL,
         begun_at = clock_timestamp()`,
    [...keyOf(push), push.tag, push.writeOnce, push.actor, push.at],
  );
  return answer;
}

/** False when the end of this push was told before. */
async function finishPush(sql: Sql, push: PushRecord): Promise<boolean> {
  const [known] = await sql.query<{ readonly done: boolean }>(
    `SELECT completed_at IS NOT NULL AS done FROM pushes WHERE ${IS_KEY} FOR UPDATE`,
    keyOf(push),
  );
  await sql.query(
    `UPDATE pushes SET completed_at = clock_timestamp() WHERE ${IS_KEY}`,
    keyOf(push),
  );
  return known?.done !== true;
}

async function complete(sql: Sql, push: PushRecord): Promise<void> {
  const holder = needsClaim(push) ? await finishClaim(sql, push) : null;
  await recordContents(sql, push, false);
  const first = await finishPush(sql, push);
  if (!first || push.tag === null) return;
  if (holder === null) {
    await moveTag(sql, { ...push, tag: push.tag });
    return;
  }
  await recordEvent(sql, {
    kind: 'drift',
    repository: push.repository,
    reference: push.tag,
    actor: push.actor,
    at: push.at,
    detail: { rule: 'tag-write-once', claimed: holder, pushed: push.digest },
  });
}

async function abandon(sql: Sql, push: PushRecord): Promise<void> {
  if (needsClaim(push)) await lockClaim(sql, push);
  await lockContents(sql, push);
  // One that was begun twice is let go only when neither can be under way any more.
  await sql.query(
    `DELETE FROM pushes WHERE ${IS_KEY} AND completed_at IS NULL
       AND (NOT shared OR begun_at < clock_timestamp() - interval '1 minute')`,
    keyOf(push),
  );
  if (needsClaim(push)) await dropClaim(sql, push);
  await dropContents(sql, push);
}

/** Skips what another process is just forgetting. What nobody could settle in a month, nobody will. */
async function forgetDone(db: Database): Promise<void> {
  await db.query(
    `DELETE FROM pushes WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM pushes
       WHERE completed_at < now() - interval '1 day'
         OR (completed_at IS NULL AND begun_at < now() - interval '30 days')
       LIMIT 100 FOR UPDATE SKIP LOCKED
     ))`,
  );
}

/** Of an index with many children. It is written down by now, so that no delete of them begins any more: who had begun is waited for. */
async function awaitRest(db: Database, push: PushRecord): Promise<void> {
  const keys = push.after ?? [];
  try {
    for (let from = MAX_AWAITED; from < keys.length; from += MAX_AWAITED) {
      const some = keys.slice(from, from + MAX_AWAITED);
      await db.transaction(async (sql) => awaitWork(sql, some));
    }
  } catch (error) {
    await db.transaction(async (sql) => abandon(sql, push)).catch(() => undefined);
    throw error;
  }
}

export function createPushStore(db: Database): Pushes {
  return {
    beginPush: async (push, replaceAbandoned = false) => {
      const answer = await db.transaction(async (sql) => begin(sql, push, replaceAbandoned));
      if (answer.kind !== 'taken') await awaitRest(db, push);
      return answer;
    },
    completePush: async (push) => {
      await db.transaction(async (sql) => complete(sql, push));
      // The push is told; what is left to sweep is left to the next one.
      await forgetDone(db).catch(() => undefined);
    },
    abandonPush: async (push) => db.transaction(async (sql) => abandon(sql, push)),
  };
}

interface PendingRow extends ManifestRow {
  readonly push_id: string;
  readonly tag: string | null;
  readonly write_once: boolean;
  readonly actor: string;
  readonly at: Date;
}

export function createPendingPushes(db: Database): PendingPushes {
  return {
    listPending: async ({ before, since = '-infinity', limit }) => {
      const rows = await db.query<PendingRow>(
        `SELECT ${MANIFEST_COLUMNS}, push.push_id, push.tag, push.write_once, push.actor, push.at
         FROM pushes push
         JOIN manifests manifest ON manifest.repository = push.repository AND manifest.digest = push.digest
         WHERE push.completed_at IS NULL AND push.begun_at < $1 AND push.begun_at >= $2
         ORDER BY push.begun_at, push.push_id LIMIT $3`,
        [before, since, Math.min(limit, MAX_PENDING)],
      );
      return rows.map((row) => ({
        ...toManifest(row),
        digest: parseDigest(row.digest),
        id: row.push_id,
        tag: row.tag,
        writeOnce: row.write_once,
        actor: row.actor,
        at: row.at.toISOString(),
      }));
    },
  };
}
