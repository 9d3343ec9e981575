import { ReleaseError } from '../src/contract/errors';
import type { CheckFinding } from '../src/domain/continuous-check/finding';
import type { ChannelHead } from '../src/domain/continuous-check/subjects';
import type { Digest } from '../src/domain/digest';
import { channelRepository, parseChannel } from '../src/domain/reference';
import { describeFinding, findDrift } from '../src/domain/registry/drift';
import type { CheckDeps } from './continuous-check';
import { localReason, unknownAt } from './continuous-check-unknown';

type ChannelDeps = Pick<CheckDeps, 'backend' | 'catalog' | 'ledger'>;

/** What a channel's tag points at; gone only in the registry's own words. */
async function resolveTag(
  { backend, catalog }: ChannelDeps,
  repository: string,
  tag: string,
): Promise<Digest | null> {
  const found = await backend.resolve(repository, tag);
  if (found || (await catalog.isAbsent(repository, tag))) return found?.digest ?? null;
  throw new ReleaseError(
    'REGISTRY_UNAVAILABLE',
    `the registry answers 404 for ${repository}:${tag} without saying what is unknown`,
  );
}

async function lookAtTag(
  deps: ChannelDeps,
  svc: string,
  { channel, digest }: ChannelHead,
  moving: boolean,
): Promise<readonly CheckFinding[]> {
  if (moving) return [];
  const { env, tag } = parseChannel(channel);
  const repository = channelRepository(svc, env);
  try {
    const found = await resolveTag(deps, repository, tag);
    const look = { repository, tag, found, recorded: null, channel: { digest, moving } };
    const drift = findDrift(look);
    if (drift?.kind !== 'channel') return [];
    const reason = describeFinding(drift);
    return [{ check: 'tag-drift', result: 'failed', where: [channel], digest: null, reason }];
  } catch (error) {
    return [unknownAt('tag-drift', channel, localReason(error))];
  }
}

/** The channels as the ledger has them, and where the registry's tags say something else; the reconcile puts those right. */
export async function lookAtChannelTags(
  deps: ChannelDeps,
  svc: string,
): Promise<{
  readonly channels: readonly ChannelHead[];
  readonly findings: readonly CheckFinding[];
}> {
  // Moves first: one that ends between the two reads has the ledger's answer already.
  const moves = await deps.ledger.openMoves(svc);
  const channels = await deps.ledger.listChannels(svc);
  const looks = await Promise.all(
    channels.map((head) => lookAtTag(deps, svc, head, moves.includes(head.channel))),
  );
  return {
    channels: channels.map(({ channel, digest }) => ({ channel, digest })),
    findings: looks.flat(),
  };
}
