import { ReleaseError } from '../src/contract/errors';
import type { Digest } from '../src/domain/digest';
import {
  appRepository,
  channelName,
  channelRepository,
  type ChannelName,
} from '../src/domain/reference';
import type { ChannelMove } from '../src/ports/ledger';
import type { Deps } from './deps';
import { requireOpen, type EdgeStateInput, type FreezeDeps } from './freezes';

export interface MoveChannelInput extends ChannelMove {
  /** Image name under `apps/{svc}/`. */
  readonly name: string;
  /** Asked before each attempt. */
  readonly edge?: EdgeStateInput;
}

export interface MoveChannelResult {
  readonly changedAt: string;
}

export type ChannelDigests = Readonly<Partial<Record<ChannelName, Digest>>>;

type ChannelDeps = Pick<Deps, 'ledger' | 'registry' | 'now'>;
type MoveDeps = ChannelDeps & FreezeDeps;

export interface ChannelActivities {
  /** What each channel of the service holds; absent = empty. */
  readChannels(input: { readonly svc: string }): Promise<ChannelDigests>;
  /** Throws CHANNEL_MOVED, FENCED, FROZEN, and what registry and ledger throw. */
  moveChannel(input: MoveChannelInput): Promise<MoveChannelResult>;
}

/** Writers that meet on one tag; more rounds than this mean that somebody outside writes it. */
const MAX_ROUNDS = 3;

export function createChannelActivities(deps: MoveDeps): ChannelActivities {
  return {
    async readChannels({ svc }): Promise<ChannelDigests> {
      const channels = await deps.ledger.listChannels(svc);
      return Object.fromEntries(
        channels
          .filter((state) => state.digest !== null)
          .map((state) => [state.channel, state.digest]),
      );
    },
    async moveChannel({ edge, ...input }): Promise<MoveChannelResult> {
      await requireOpen(deps, edge);
      return moveChannel(deps, input);
    },
  };
}

/**
 * Intent, tag, done, read back: a retry at any point ends in the same state. The ledger decides, the tag
 * follows it: a writer that was fenced after it wrote the tag puts back what the ledger says, and a writer that
 * won looks at the tag after it has won, so that whoever of two writes last, the tag ends right.
 */
async function moveChannel(deps: ChannelDeps, input: MoveChannelInput): Promise<MoveChannelResult> {
  const changedAt = deps.now().toISOString();
  try {
    const { done } = await deps.ledger.beginMove(input);
    if (!done) {
      await pointTag(deps, input, input.next);
      await deps.ledger.completeMove(input, changedAt);
    }
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'FENCED') await followLedger(deps, input);
    throw error;
  }
  await followLedger(deps, input);
  return { changedAt };
}

async function pointTag(
  { registry }: ChannelDeps,
  { svc, name, channel }: MoveChannelInput,
  digest: Digest | null,
): Promise<void> {
  const repository = channelRepository(svc, channel.env);
  if (digest === null) {
    await registry.deleteTag(repository, channel.tag);
    return;
  }
  await registry.mount({ repository: appRepository(svc, name), digest }, repository);
  await registry.putTag({ repository, digest }, channel.tag);
}

async function followLedger(deps: ChannelDeps, input: MoveChannelInput): Promise<void> {
  const { svc, channel } = input;
  const repository = channelRepository(svc, channel.env);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const [tag, state] = await Promise.all([
      deps.registry.resolve(repository, channel.tag),
      deps.ledger.getChannel(svc, channel),
    ]);
    const wanted = state?.digest ?? null;
    if ((tag?.digest ?? null) === wanted) return;
    await pointTag(deps, input, wanted);
  }
  throw new ReleaseError(
    'CHANNEL_MOVED',
    `${channelName(channel)} of ${svc} does not keep what the ledger says`,
    { details: { remedy: 'find who else writes channel tags; only plura may' } },
  );
}
