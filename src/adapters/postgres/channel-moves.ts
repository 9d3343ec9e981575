import { ReleaseError } from '../../contract/errors';
import { channelName } from '../../domain/reference';
import type { ChannelMove, ChannelStore } from '../../ports/ledger';
import type { Database, Sql } from './database';
import { lockService, passFence } from './epochs';

interface IntentRow {
  readonly svc: string;
  readonly channel: string;
  readonly expected: string | null;
  readonly next: string | null;
  readonly state: 'open' | 'done' | 'closed';
}

interface OpenRow {
  readonly id: string;
  readonly epoch: number;
  readonly release_id: string | null;
}

async function findIntent(sql: Sql, move: ChannelMove): Promise<IntentRow | null> {
  const [intent] = await sql.query<IntentRow>(
    'SELECT svc, channel, expected, next, state FROM channel_moves WHERE idempotency_key = $1',
    [move.idempotencyKey],
  );
  const same =
    intent?.svc === move.svc &&
    intent.channel === channelName(move.channel) &&
    intent.expected === move.expected &&
    intent.next === move.next;
  if (intent && !same) {
    throw new ReleaseError('INVALID_INPUT', 'This idempotency key was used for another move', {
      details: { field: 'idempotencyKey', svc: move.svc },
    });
  }
  return intent ?? null;
}

function assertNotClosed(intent: IntentRow | null, move: ChannelMove): void {
  if (intent?.state === 'closed') {
    throw new ReleaseError(
      'FENCED',
      `The move of ${channelName(move.channel)} of ${move.svc} was closed by a newer move`,
    );
  }
}

/**
 * One open intent a channel. An older epoch's is abandoned, its writer is fenced; so is one of the
 * same release, whose compensation comes after the step that it undoes.
 */
async function closeAbandoned(sql: Sql, move: ChannelMove): Promise<void> {
  const name = channelName(move.channel);
  const [open] = await sql.query<OpenRow>(
    `SELECT id, epoch, release_id FROM channel_moves
     WHERE svc = $1 AND channel = $2 AND state = 'open' AND idempotency_key <> $3`,
    [move.svc, name, move.idempotencyKey],
  );
  if (!open) {
    return;
  }
  const sameWriter = move.releaseId !== undefined && open.release_id === move.releaseId;
  if (open.epoch >= move.epoch && !sameWriter) {
    throw new ReleaseError('CHANNEL_MOVED', `Another move of ${name} of ${move.svc} is open`, {
      details: { svc: move.svc, channel: name, remedy: 'wait for it, or roll back' },
    });
  }
  await sql.query(`UPDATE channel_moves SET state = 'closed' WHERE id = $1`, [open.id]);
}

async function heldDigest(sql: Sql, move: ChannelMove): Promise<string | null> {
  const [row] = await sql.query<{ digest: string | null }>(
    'SELECT digest FROM channels WHERE svc = $1 AND channel = $2',
    [move.svc, channelName(move.channel)],
  );
  return row?.digest ?? null;
}

function assertExpected(held: string | null, move: ChannelMove): void {
  if (held !== move.expected && held !== move.next) {
    const name = channelName(move.channel);
    throw new ReleaseError(
      'CHANNEL_MOVED',
      `${name} of ${move.svc} holds ${held ?? 'nothing'}, expected ${move.expected ?? 'nothing'}`,
      { details: { svc: move.svc, channel: name, holds: held ?? '' } },
    );
  }
}

async function begin(sql: Sql, move: ChannelMove): Promise<{ readonly done: boolean }> {
  const current = await lockService(sql, move.svc);
  const intent = await findIntent(sql, move);
  if (intent?.state === 'done') {
    return { done: true };
  }
  await passFence(sql, move.svc, move.epoch, current);
  assertNotClosed(intent, move);
  await closeAbandoned(sql, move);
  assertExpected(await heldDigest(sql, move), move);
  if (!intent) {
    await sql.query(
      `INSERT INTO channel_moves
         (idempotency_key, svc, channel, expected, next, epoch, actor, reason, release_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        move.idempotencyKey,
        move.svc,
        channelName(move.channel),
        move.expected,
        move.next,
        move.epoch,
        move.actor,
        move.reason,
        move.releaseId ?? null,
      ],
    );
  }
  return { done: false };
}

async function complete(sql: Sql, move: ChannelMove, at: string): Promise<void> {
  const current = await lockService(sql, move.svc);
  const intent = await findIntent(sql, move);
  if (intent?.state === 'done') {
    return;
  }
  await passFence(sql, move.svc, move.epoch, current);
  assertNotClosed(intent, move);
  if (!intent) {
    throw new ReleaseError('INVALID_INPUT', 'A move is completed that was never begun', {
      details: { field: 'idempotencyKey', svc: move.svc },
    });
  }
  const replaced = await heldDigest(sql, move);
  await sql.query(
    `UPDATE channel_moves
     SET state = 'done', done_at = $2, replaced = $3, done_order = nextval('channel_move_order')
     WHERE idempotency_key = $1`,
    [move.idempotencyKey, at, replaced],
  );
  await sql.query(
    `INSERT INTO channels (svc, channel, digest, epoch, release_id, changed_at, changed_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (svc, channel) DO UPDATE SET digest = EXCLUDED.digest, epoch = EXCLUDED.epoch,
       release_id = EXCLUDED.release_id, changed_at = EXCLUDED.changed_at, changed_by = EXCLUDED.changed_by`,
    [
      move.svc,
      channelName(move.channel),
      move.next,
      move.epoch,
      move.releaseId ?? null,
      at,
      move.actor,
    ],
  );
}

export function createMoveStore(db: Database): Pick<ChannelStore, 'beginMove' | 'completeMove'> {
  return {
    beginMove: async (move) => db.transaction(async (sql) => begin(sql, move)),
    completeMove: async (move, at) => db.transaction(async (sql) => complete(sql, move, at)),
  };
}
