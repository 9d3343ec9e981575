import { ReleaseError } from '../src/contract/errors';
import type { Digest } from '../src/domain/digest';
import { channelName, type Channel } from '../src/domain/reference';
import {
  channelOf,
  findDrift,
  isChannelTag,
  nameOf,
  type ChannelLook,
  type Finding,
  type RecordedTag,
} from '../src/domain/registry/drift';
import { inParallel } from '../src/contract/in-parallel';
import type { ConfirmResult, ReconcileDeps } from './reconcile';

/** Requests to the registry at once. */
export const PARALLEL = 8;
const MAX_PENDING = 1000;

/** Channels of a channel repository by tag, as the ledger has them; null for any other repository. */
export type ChannelLooks = ReadonlyMap<string, ChannelLook>;

export async function lookAtChannels(
  { ledger }: Pick<ReconcileDeps, 'ledger'>,
  repository: string,
): Promise<ChannelLooks> {
  const place = channelOf(repository);
  if (!place) return new Map();
  // Moves first: one that ends between the two reads has the ledger's answer already.
  const moves = await ledger.openMoves(place.svc);
  const states = await ledger.listChannels(place.svc);
  const look = (tag: Channel['tag']): ChannelLook => {
    const name = channelName({ env: place.env, tag });
    const state = states.find((one) => one.channel === name);
    return { digest: state?.digest ?? null, moving: moves.includes(name) };
  };
  return new Map((['stable', 'candidate'] as const).map((tag) => [tag, look(tag)]));
}

interface TagQuestion {
  readonly repository: string;
  readonly tag: string;
  readonly recorded: RecordedTag | null;
  readonly channel: ChannelLook | null;
}

export interface TagAnswer {
  readonly found: Digest | null;
  readonly finding: Finding | null;
}

export async function lookAtTag(
  { catalog }: Pick<ReconcileDeps, 'catalog'>,
  question: TagQuestion,
): Promise<TagAnswer> {
  const descriptor = await catalog.describe(question.repository, question.tag);
  const found = descriptor?.digest ?? null;
  return { found, finding: findDrift({ ...question, found }) };
}

/** What there is of `finding` now; null when all is well. What is gone must be gone in the registry's own words. */
export async function lookAgain(deps: ReconcileDeps, finding: Finding): Promise<Finding | null> {
  const { repository } = finding;
  if (finding.kind === 'gone-manifest') {
    const { digest } = finding;
    if (!(await deps.inventory.getManifest(repository, digest))) return null;
    return (await mustKnowAbsent(deps, repository, digest)) ? finding : null;
  }
  const { tag } = finding;
  const channels = await lookAtChannels(deps, repository);
  const recorded = await deps.inventory.getTag(repository, tag);
  const channel = isChannelTag(tag) ? (channels.get(tag) ?? null) : null;
  const { found, finding: now } = await lookAtTag(deps, {
    repository,
    tag,
    recorded: recorded && { digest: recorded.digest, writeOnce: recorded.writeOnce },
    channel,
  });
  if (now && found === null && !(await mustKnowAbsent(deps, repository, tag))) return null;
  return now;
}

/** @throws ReleaseError REGISTRY_UNAVAILABLE when a 404 does not say what is unknown. */
async function mustKnowAbsent(
  { catalog }: ReconcileDeps,
  repository: string,
  reference: string,
): Promise<boolean> {
  if (await catalog.isAbsent(repository, reference)) return true;
  if (await catalog.describe(repository, reference)) return false;
  throw new ReleaseError(
    'REGISTRY_UNAVAILABLE',
    `the registry answers 404 for ${repository} ${reference} without saying what is unknown`,
    { details: { remedy: 'check that PLURA_REGISTRY_BACKEND_URL is the registry itself' } },
  );
}

function isEqual(a: Finding, b: Finding | null): boolean {
  const keys = Object.keys(a) as (keyof Finding)[];
  return b !== null && keys.every((key) => a[key] === b[key]);
}

async function namesUnderWay({ pendingPushes, now }: ReconcileDeps): Promise<ReadonlySet<string>> {
  const before = now().toISOString();
  const pushes = await pendingPushes.listPending({ before, limit: MAX_PENDING });
  return new Set(
    pushes.map(({ repository, tag, digest }) => `${repository}:${tag ?? ''} ${digest}`),
  );
}

export async function confirmDrift(
  deps: ReconcileDeps,
  findings: readonly Finding[],
): Promise<ConfirmResult> {
  const errors: string[] = [];
  const underWay = await namesUnderWay(deps);
  const looks = await inParallel(findings, PARALLEL, async (finding) => {
    // Told to the gateway, its end is not: settlePending knows who pushed it.
    if ('found' in finding && underWay.has(`${nameOf(finding)} ${finding.found ?? ''}`))
      return null;
    try {
      return isEqual(finding, await lookAgain(deps, finding)) ? finding : null;
    } catch (error) {
      errors.push(`${nameOf(finding)}: ${localReason(error)}`);
      return null;
    }
  });
  return { confirmed: looks.filter((one) => one !== null), errors };
}

/** Why one thing could not be looked at. What stands in the way of all of them is thrown on. */
export function localReason(error: unknown): string {
  const isLocal =
    error instanceof ReleaseError &&
    error.code !== 'LEDGER_UNAVAILABLE' &&
    // Told to wait: the activity is tried again then, and not the next repository now.
    error.retryAfterMs === undefined;
  if (!isLocal) throw error;
  return error.message;
}
