import type { RootFacts } from '../src/domain/gc/roots';
import { retentionOf, windowOf } from '../src/domain/gc/retention';
import type { Deps } from './deps';
import { readLiveRoots } from './gc-live';

export type RootsNowDeps = Pick<
  Deps,
  'gcRoots' | 'now' | 'policy' | 'readBases' | 'rescans' | 'rollout' | 'services'
>;

/** What has to stay at this moment, by the ledger and by what runs. */
export async function readRootsNow(
  deps: RootsNowDeps,
  signal: AbortSignal,
): Promise<Pick<RootFacts, 'roots' | 'missing'>> {
  const { windows } = retentionOf(deps.policy);
  const recorded = await deps.gcRoots.read({
    at: deps.now().toISOString(),
    windowMs: (channel) => windowOf(windows, channel),
  });
  const live = await readLiveRoots(deps, signal);
  return {
    roots: [...recorded.roots, ...live.roots],
    missing: [...recorded.missing, ...live.missing],
  };
}
