import type { GatewayDependencies } from '../dependencies';
import { refused } from '../http/refused';
import { databaseDown, STALE_AFTER_MS } from './state-cache';

const MAX_RETRY_AFTER_S = 600;
/** When nobody said until when. */
const RETRY_AFTER_S = 30;

function retryAfter(until: string | null, nowMs: number): number {
  if (until === null) return RETRY_AFTER_S;
  const seconds = Math.ceil((Date.parse(until) - nowMs) / 1000);
  return Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_S);
}

/**
 * For what begins a write: a new upload, a mount, a manifest. An upload that has begun may go on to its end, so that closing
 * the registry does not cut off pushes whose bytes are on their way; their manifests wait.
 *
 * @throws Refused UNAVAILABLE with Retry-After
 */
export function assertPushesOpen({ cache, now }: Pick<GatewayDependencies, 'cache' | 'now'>): void {
  const { mode } = cache.current();
  const nowMs = now().getTime();
  if (mode.pushes === 'closed' && (mode.until === null || nowMs < Date.parse(mode.until))) {
    throw refused(
      {
        code: 'UNAVAILABLE',
        rule: 'pushes-closed',
        message: `Pushes are closed: ${mode.reason}`,
        remedy: 'try again after the time in Retry-After; pulls go on',
      },
      { 'retry-after': String(retryAfter(mode.until, nowMs)) },
    );
  }
  // Later it would fail too, but after the bytes were sent.
  if (cache.ageMs() > STALE_AFTER_MS) throw databaseDown();
}
