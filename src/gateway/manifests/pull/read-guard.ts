import type { Digest } from '../../../domain/digest';
import {
  findBlock,
  isInGrace,
  quarantined,
  type Block,
  type Blocks,
} from '../../../domain/registry/quarantine';
import { eventQueueOf } from '../../activity/event-queue';
import type { GatewayDependencies } from '../../dependencies';
import type { Exchange } from '../../exchange';
import { refused } from '../../http/refused';
import type { Route } from '../../http/route';

export type ReadGuardDependencies = Pick<
  GatewayDependencies,
  'cache' | 'inventory' | 'metrics' | 'log' | 'now'
>;

/** Older than this, what is known of quarantines is stale: notifications and poll are both late. */
const STALE_MS = 10_000;

function describe(route: Route): { readonly repository: string; readonly reference: string } {
  const repository = 'repository' in route ? route.repository : '';
  if (route.kind === 'manifest') {
    const { reference } = route;
    return { repository, reference: reference.kind === 'tag' ? reference.tag : reference.digest };
  }
  return { repository, reference: 'digest' in route ? route.digest : '' };
}

function report(
  deps: ReadGuardDependencies,
  { route, principal, requestId }: Exchange,
  block: Block,
  outcome: 'refused' | 'served-in-grace',
): void {
  const { repository, reference } = describe(route);
  const { digest, cause, reason, cves } = block;
  if (outcome === 'refused') {
    deps.metrics.blockedPulls.inc({ reason: cves.length > 0 ? 'cve' : 'incident' });
    const actor = principal.name;
    deps.log.warn({ requestId, repository, reference, actor, digest, cause, cves }, 'pull refused');
  }
  eventQueueOf(deps).add({
    kind: 'pull-blocked',
    repository,
    reference,
    actor: principal.name,
    at: deps.now().toISOString(),
    detail: { outcome, digest, cause, reason, cves },
  });
}

/**
 * Who scans, checks or carries a release reads on where an exception has ended: by that it can be judged anew. A quarantine is for all.
 */
export function blocksFor(
  { cache }: Pick<ReadGuardDependencies, 'cache'>,
  { principal: { kind } }: Pick<Exchange, 'principal'>,
): Blocks {
  const { blocks, withheld } = cache.current();
  return kind === 'observer' || kind === 'system' ? blocks : withheld;
}

function blockOn(
  deps: ReadGuardDependencies,
  exchange: Exchange,
  digests: readonly Digest[],
): Block | null {
  const blocks = blocksFor(deps, exchange);
  return blocks.size === 0 ? null : findBlock(blocks, digests, deps.now().getTime());
}

/**
 * Refuses a read that would be refused anyway once more is known; says nothing about one that may go on.
 *
 * @throws Refused DENIED; UNAVAILABLE when what is known is older than the policy allows
 */
export function refuseEarly(
  deps: ReadGuardDependencies,
  exchange: Exchange,
  digests: readonly Digest[],
): void {
  const block = blockOn(deps, exchange, digests);
  if (!block || isInGrace(block, deps.now().getTime())) return;
  report(deps, exchange, block, 'refused');
  throw refused(quarantined(block));
}

/**
 * Lets a read of `digests` go on, or refuses it when one of them is quarantined; in memory, nothing is waited for. A refusal, and
 * a read that only grace allows, becomes an event of the inventory: call it once a read.
 *
 * @throws Refused DENIED; UNAVAILABLE when what is known is older than the policy allows
 */
export function assertReadable(
  deps: ReadGuardDependencies,
  exchange: Exchange,
  digests: readonly Digest[],
): void {
  refuseEarly(deps, exchange, digests);
  const graced = blockOn(deps, exchange, digests);
  if (graced) report(deps, exchange, graced, 'served-in-grace');
}

/** Counts a pull that was decided by what Postgres said a while ago. */
export function countStalePull({
  cache,
  metrics,
}: Pick<ReadGuardDependencies, 'cache' | 'metrics'>): void {
  if (cache.ageMs() > STALE_MS) metrics.stalePulls.inc();
}
