import { ReleaseError } from '../src/contract/errors';
import type { ReclaimDeps } from './gc-reclaim';
import { isStill, MARGIN_MS, type Closing } from './gc-reclaim-window';

const WATCH_MS = 2_000;
/** So long without an answer of the database, nobody knows whose the seal is. Well below `settleMs`, after which another goes on. */
const UNHEARD_MS = 20_000;

/**
 * Runs `work` as long as the seal is ours: another attempt takes it when it believes this one dead, such as when Temporal did not hear of it.
 *
 * @throws ReleaseError LEDGER_UNAVAILABLE when it was lost, or nobody could tell
 */
export async function whileOurs<T>(
  deps: ReclaimDeps,
  closing: Closing,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  let heardAt = performance.now();
  const look = async (): Promise<void> => {
    const isOurs = await isStill(deps, closing).catch(() => null);
    if (isOurs === true) heardAt = performance.now();
    const isUnheard = performance.now() - heardAt > UNHEARD_MS;
    if (isOurs === false || isUnheard) lost.abort(sealLost());
  };
  const timer = setInterval(() => void look(), WATCH_MS);
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    clearInterval(timer);
  }
}

function sealLost(): ReleaseError {
  return new ReleaseError('LEDGER_UNAVAILABLE', 'The seal of the registry is not ours any more', {
    details: { remedy: 'another attempt goes on; see plura reg gc reclaim' },
  });
}

/** What is left to a collector, so that it is dead well before pushes open by themselves. @throws ReleaseError COLLECTOR_FAILED */
export function timeLeft({ now }: ReclaimDeps, { until }: Closing, collectorMs: number): number {
  const left = Math.min(collectorMs, Date.parse(until) - MARGIN_MS - now().getTime());
  if (left > 0) return left;
  throw new ReleaseError('COLLECTOR_FAILED', 'No time was left for the collector', {
    details: { remedy: 'uploads under way took it; try again when there are fewer' },
  });
}
