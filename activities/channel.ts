import type { Digest } from '../src/domain/digest';
import {
  appRepository,
  channelName,
  channelRepository,
  type Channel,
  type ChannelName,
} from '../src/domain/reference';
import { ReleaseError } from '../src/contract/errors';
import type { ChannelMove } from '../src/ports/ledger';
import type { Deps } from './deps';

export interface MoveChannelInput extends ChannelMove {
  /** Image name under `apps/{svc}/`. */
  readonly name: string;
}

export interface MoveChannelResult {
  readonly changedAt: string;
}

export type ChannelDigests = Readonly<Partial<Record<ChannelName, Digest>>>;

type ChannelActivityDeps = Pick<Deps, 'ledger' | 'registry' | 'now'>;

export interface ChannelActivities {
  /** What each channel of the service holds; absent = empty. */
  readChannels(input: { readonly svc: string }): Promise<ChannelDigests>;
  moveChannel(input: MoveChannelInput): Promise<MoveChannelResult>;
}

export function createChannelActivities(deps: ChannelActivityDeps): ChannelActivities {
  return {
    async readChannels({ svc }): Promise<ChannelDigests> {
      const channels = await deps.ledger.listChannels(svc);
      return Object.fromEntries(
        channels
          .filter((state) => state.digest !== null)
          .map((state) => [state.channel, state.digest]),
      );
    },
    moveChannel: (input) => moveChannel(deps, input),
  };
}

/**
 * Intent, tag, read back, done: a retry at any point ends in the same state. The registry follows the
 * ledger, so a crash between the two is repaired by the retry or by the compensation.
 */
export async function moveChannel(
  deps: ChannelActivityDeps,
  input: MoveChannelInput,
): Promise<MoveChannelResult> {
  const { name, ...move } = input;
  const { done } = await deps.ledger.beginMove(move);
  if (!done) {
    await pointTag(deps, move.svc, name, move.channel, move.next);
    await assertTag(deps, move.svc, move.channel, move.next);
  }
  const changedAt = deps.now().toISOString();
  if (!done) await deps.ledger.completeMove(move, changedAt);
  return { changedAt };
}

async function pointTag(
  deps: ChannelActivityDeps,
  svc: string,
  name: string,
  channel: Channel,
  next: Digest | null,
): Promise<void> {
  const repository = channelRepository(svc, channel.env);
  if (next === null) {
    await deps.registry.deleteTag(repository, channel.tag);
    return;
  }
  await deps.registry.mount({ repository: appRepository(svc, name), digest: next }, repository);
  await deps.registry.putTag({ repository, digest: next }, channel.tag);
}

async function assertTag(
  deps: ChannelActivityDeps,
  svc: string,
  channel: Channel,
  wanted: Digest | null,
): Promise<void> {
  const found = await deps.registry.resolve(channelRepository(svc, channel.env), channel.tag);
  if ((found?.digest ?? null) === wanted) return;
  throw new ReleaseError(
    'CHANNEL_MOVED',
    `${channelName(channel)} of ${svc} reads back as ${found?.digest ?? 'empty'}, not ${wanted ?? 'empty'}`,
    { details: { remedy: 'find who else writes channel tags; only plura may' } },
  );
}
