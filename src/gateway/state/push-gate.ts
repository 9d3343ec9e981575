import type { RegistryMode } from '../../ports/gateway-state';
import type { GatewayDependencies } from '../dependencies';
import { refused, type Refused } from '../http/refused';
import { databaseDown, STALE_AFTER_MS } from './state-cache';

type GateDependencies = Pick<GatewayDependencies, 'cache' | 'now'>;

const MAX_RETRY_AFTER_S = 600;
/** When nobody said until when. */
const RETRY_AFTER_S = 30;

function retryAfter(until: string | null, nowMs: number): number {
  if (until === null) return RETRY_AFTER_S;
  const seconds = Math.ceil((Date.parse(until) - nowMs) / 1000);
  return Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_S);
}

function isClosed({ pushes, until }: RegistryMode, nowMs: number): boolean {
  return pushes === 'closed' && (until === null || nowMs < Date.parse(until));
}

function closed({ reason, until }: RegistryMode, nowMs: number): Refused {
  return refused(
    {
      code: 'UNAVAILABLE',
      rule: 'pushes-closed',
      message: `Pushes are closed: ${reason}`,
      remedy: 'try again after the time in Retry-After; pulls go on',
    },
    { 'retry-after': String(retryAfter(until, nowMs)) },
  );
}

/**
 * For what begins a write: a new upload, a mount, a manifest. An upload that has begun may go on to its end, so that closing
 * the registry does not cut off pushes whose bytes are on their way; their manifests wait.
 *
 * @throws Refused UNAVAILABLE with Retry-After
 */
export function assertPushesOpen({ cache, now }: GateDependencies): void {
  const { mode } = cache.current();
  const nowMs = now().getTime();
  if (isClosed(mode, nowMs)) throw closed(mode, nowMs);
  // Later it would fail too, but after the bytes were sent.
  if (cache.ageMs() > STALE_AFTER_MS) throw databaseDown();
}

/**
 * For what a collector could miss while it runs: the end of an upload, a delete, and the answer to a pusher that something is
 * there. Ask after what is told to the database was told: who seals waits for it by that.
 *
 * @throws Refused UNAVAILABLE with Retry-After
 */
export function assertNotSealed({ cache, now }: GateDependencies): void {
  const { mode } = cache.current();
  const nowMs = now().getTime();
  if (mode.sealed === true && isClosed(mode, nowMs)) throw closed(mode, nowMs);
  if (cache.ageMs() > STALE_AFTER_MS) throw databaseDown();
}
