import { ReleaseError } from '../../../src/contract/errors';
import type { Digest } from '../../../src/domain/digest';
import { channelName } from '../../../src/domain/reference';
import type { ChannelState } from '../../../src/domain/release';
import type { ChannelHistoryEntry, ChannelMove, ChannelStore } from '../../../src/ports/ledger';

interface Intent {
  readonly move: ChannelMove;
  state: 'open' | 'done' | 'closed';
}

interface DoneMove {
  readonly svc: string;
  readonly entry: ChannelHistoryEntry;
}

const refuse = (code: 'CHANNEL_MOVED' | 'FENCED' | 'INVALID_INPUT', text: string): never => {
  throw new ReleaseError(code, text);
};

function sameMove(a: ChannelMove, b: ChannelMove): boolean {
  return (
    a.svc === b.svc &&
    channelName(a.channel) === channelName(b.channel) &&
    a.expected === b.expected &&
    a.next === b.next
  );
}

/** Channels of the fake ledger: the semantics of the port, one thread, no database. */
export function createFakeChannelStore(): ChannelStore {
  const epochs = new Map<string, number>();
  const bumps = new Map<string, number>();
  const channels = new Map<string, ChannelState>();
  const intents = new Map<string, Intent>();
  const done: DoneMove[] = [];

  const keyOf = (svc: string, name: string): string => `${svc} ${name}`;
  const epochOf = (svc: string): number => epochs.get(svc) ?? 0;

  function assertNotFenced(move: ChannelMove): void {
    if (move.epoch < epochOf(move.svc)) {
      refuse('FENCED', `epoch ${move.epoch} of ${move.svc} is older than ${epochOf(move.svc)}`);
    }
    epochs.set(move.svc, move.epoch);
  }

  function findIntent(move: ChannelMove): Intent | undefined {
    const known = intents.get(move.idempotencyKey);
    if (known && !sameMove(known.move, move)) {
      refuse('INVALID_INPUT', 'this idempotency key was used for another move');
    }
    return known;
  }

  function closeAbandoned(move: ChannelMove): void {
    for (const [key, other] of intents) {
      const sameChannel =
        other.move.svc === move.svc &&
        channelName(other.move.channel) === channelName(move.channel);
      if (key === move.idempotencyKey || other.state !== 'open' || !sameChannel) {
        continue;
      }
      const sameWriter = move.releaseId !== undefined && other.move.releaseId === move.releaseId;
      if (other.move.epoch >= move.epoch && !sameWriter) {
        refuse('CHANNEL_MOVED', 'another move of this channel is open');
      }
      other.state = 'closed';
    }
  }

  function begin(move: ChannelMove): { done: boolean } {
    const known = findIntent(move);
    if (known?.state === 'done') {
      return { done: true };
    }
    assertNotFenced(move);
    if (known?.state === 'closed') {
      refuse('FENCED', 'a newer move closed this one');
    }
    closeAbandoned(move);
    const now = channels.get(keyOf(move.svc, channelName(move.channel)))?.digest ?? null;
    if (now !== move.expected && now !== move.next) {
      refuse('CHANNEL_MOVED', `${channelName(move.channel)} holds ${String(now)}`);
    }
    intents.set(move.idempotencyKey, { move, state: 'open' });
    return { done: false };
  }

  function complete(move: ChannelMove, at: string): void {
    const intent = findIntent(move);
    if (intent?.state === 'done') {
      return;
    }
    assertNotFenced(move);
    if (!intent) {
      return refuse('INVALID_INPUT', 'completeMove without beginMove');
    }
    if (intent.state === 'closed') {
      refuse('FENCED', 'a newer move closed this one');
    }
    const name = channelName(move.channel);
    const from = channels.get(keyOf(move.svc, name))?.digest ?? null;
    intent.state = 'done';
    channels.set(keyOf(move.svc, name), {
      channel: name,
      digest: move.next,
      epoch: move.epoch,
      ...(move.releaseId === undefined ? {} : { releaseId: move.releaseId }),
      changedAt: at,
      changedBy: move.actor,
    });
    const { actor, reason, releaseId = null } = move;
    done.unshift({
      svc: move.svc,
      entry: { channel: name, from, to: move.next, at, actor, reason, releaseId },
    });
  }

  return {
    getChannel: (svc, channel) =>
      Promise.resolve(channels.get(keyOf(svc, channelName(channel))) ?? null),
    listChannels: (svc) => {
      const own = [...channels].filter(([key]) => key.startsWith(`${svc} `));
      return Promise.resolve(
        own.map(([, state]) => state).sort((a, b) => (a.channel < b.channel ? -1 : 1)),
      );
    },
    beginMove: (move) => Promise.resolve(move).then(begin),
    completeMove: (move, at) =>
      Promise.resolve().then(() => {
        complete(move, at);
      }),
    openMoves: (svc) => {
      const open = [...intents.values()].filter(
        ({ move, state }) => move.svc === svc && state === 'open',
      );
      return Promise.resolve([...new Set(open.map(({ move }) => channelName(move.channel)))]);
    },
    history: (svc, limit) => {
      const moves = done.filter((one) => one.svc === svc && one.entry.from !== one.entry.to);
      return Promise.resolve(moves.slice(0, limit).map((one) => one.entry));
    },
    pastDigests: (svc, channel, limit) => {
      const name = channelName(channel);
      const now = channels.get(keyOf(svc, name))?.digest ?? null;
      const were = done
        .filter((one) => one.svc === svc && one.entry.channel === name)
        .map((one) => one.entry.to)
        .filter((digest): digest is Digest => digest !== null && digest !== now);
      return Promise.resolve([...new Set(were)].slice(0, limit));
    },
    bumpEpoch: (svc, idempotencyKey) => {
      const known = bumps.get(keyOf(svc, idempotencyKey));
      const epoch = known ?? epochOf(svc) + 1;
      if (known === undefined) {
        bumps.set(keyOf(svc, idempotencyKey), epoch);
        epochs.set(svc, epoch);
      }
      return Promise.resolve(epoch);
    },
    currentEpoch: (svc) => Promise.resolve(epochOf(svc)),
  };
}
