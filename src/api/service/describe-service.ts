import type { LaneView, ServiceView } from '../../contract/schema/api-service';
import type { z } from 'zod';
import type { ServiceSummary } from '../../contract/schema/api-service';
import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';
import { appRepository } from '../../domain/reference';
import type { ChannelState } from '../../domain/release';
import type { Service } from '../../domain/service';
import type { BadDigest } from '../../ports/ledger';
import type { ApiDependencies } from '../dependencies';

/** Bad digests are looked for among this many of the newest moves. */
const HISTORY_LIMIT = 50;
const MAX_DIGESTS = 20;

export function summarize(
  service: Service,
  channels: readonly ChannelState[],
): z.infer<typeof ServiceSummary> {
  const { svc, name, owner, region } = service;
  const stable = channels.find((one) => one.channel === 'prod:stable')?.digest ?? null;
  return { svc, name, repository: appRepository(svc, name), owner, region, stable };
}

export async function describeService(
  deps: ApiDependencies,
  service: Service,
): Promise<ServiceView> {
  const { svc } = service;
  const [channels, lane, badDigests] = await Promise.all([
    deps.ledger.listChannels(svc),
    tryLane(deps, svc),
    findBadDigests(deps, svc),
  ]);
  return { ...summarize(service, channels), channels, lane, badDigests };
}

/** The ledger's part of the answer is worth having while Temporal is down. */
async function tryLane(deps: ApiDependencies, svc: string): Promise<LaneView | null> {
  try {
    return await deps.orchestrator.getLane(svc);
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'ORCHESTRATOR_UNAVAILABLE') return null;
    throw error;
  }
}

async function findBadDigests(deps: ApiDependencies, svc: string): Promise<readonly BadDigest[]> {
  const [history, releases] = await Promise.all([
    deps.ledger.history(svc, HISTORY_LIMIT),
    deps.ledger.listReleases({ svc, limit: MAX_DIGESTS }),
  ]);
  const digests = new Set<Digest>();
  for (const { digest } of releases) if (digest !== undefined) digests.add(digest);
  for (const { from, to } of history) {
    if (to !== null) digests.add(to);
    if (from !== null) digests.add(from);
  }
  const looked = [...digests].slice(0, MAX_DIGESTS);
  const found = await Promise.all(looked.map((digest) => deps.ledger.findBad(svc, digest)));
  return found.filter((bad) => bad !== null);
}
