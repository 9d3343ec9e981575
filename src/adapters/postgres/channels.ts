import { parseDigest, type Digest } from '../../domain/digest';
import { channelName, parseChannel } from '../../domain/reference';
import type { ChannelState } from '../../domain/release';
import type { ChannelHistoryEntry, ChannelStore } from '../../ports/ledger';
import type { Database } from './database';

interface ChannelRow {
  readonly channel: string;
  readonly digest: string | null;
  readonly epoch: number;
  readonly release_id: string | null;
  readonly changed_at: Date;
  readonly changed_by: string;
}

interface HistoryRow {
  readonly channel: string;
  readonly replaced: string | null;
  readonly next: string | null;
  readonly done_at: Date;
  readonly actor: string;
  readonly reason: string;
  readonly release_id: string | null;
}

function toDigest(text: string | null): Digest | null {
  return text === null ? null : parseDigest(text);
}

function toState(row: ChannelRow): ChannelState {
  return {
    channel: channelName(parseChannel(row.channel)),
    digest: toDigest(row.digest),
    epoch: row.epoch,
    ...(row.release_id === null ? {} : { releaseId: row.release_id }),
    changedAt: row.changed_at.toISOString(),
    changedBy: row.changed_by,
  };
}

function toEntry(row: HistoryRow): ChannelHistoryEntry {
  return {
    channel: row.channel,
    from: toDigest(row.replaced),
    to: toDigest(row.next),
    at: row.done_at.toISOString(),
    actor: row.actor,
    reason: row.reason,
    releaseId: row.release_id,
  };
}

const SELECT_CHANNEL =
  'SELECT channel, digest, epoch, release_id, changed_at, changed_by FROM channels';

type ChannelReads = Pick<
  ChannelStore,
  'getChannel' | 'listChannels' | 'openMoves' | 'history' | 'pastDigests'
>;

export function createChannelReads(db: Database): ChannelReads {
  return {
    getChannel: async (svc, channel) => {
      const [row] = await db.query<ChannelRow>(
        `${SELECT_CHANNEL} WHERE svc = $1 AND channel = $2`,
        [svc, channelName(channel)],
      );
      return row ? toState(row) : null;
    },
    listChannels: async (svc) => {
      const rows = await db.query<ChannelRow>(
        `${SELECT_CHANNEL} WHERE svc = $1 ORDER BY channel COLLATE "C"`,
        [svc],
      );
      return rows.map(toState);
    },
    openMoves: async (svc) => {
      const rows = await db.query<{ readonly channel: string }>(
        `SELECT DISTINCT channel FROM channel_moves WHERE svc = $1 AND state = 'open'`,
        [svc],
      );
      return rows.map((row) => channelName(parseChannel(row.channel)));
    },
    history: async (svc, limit) => {
      const rows = await db.query<HistoryRow>(
        `SELECT channel, replaced, next, done_at, actor, reason, release_id FROM channel_moves
         WHERE svc = $1 AND state = 'done' AND replaced IS DISTINCT FROM next
         ORDER BY done_order DESC LIMIT $2`,
        [svc, limit],
      );
      return rows.map(toEntry);
    },
    pastDigests: async (svc, channel, limit) => {
      const rows = await db.query<{ readonly next: string }>(
        `SELECT move.next FROM channel_moves move
         LEFT JOIN channels held ON held.svc = move.svc AND held.channel = move.channel
         WHERE move.svc = $1 AND move.channel = $2 AND move.state = 'done'
           AND move.next IS NOT NULL AND move.next IS DISTINCT FROM held.digest
         GROUP BY move.next ORDER BY max(move.done_order) DESC LIMIT $3`,
        [svc, channelName(channel), limit],
      );
      return rows.map((row) => parseDigest(row.next));
    },
  };
}
