import type { PinnedBase } from '../bases';
import type { Digest } from '../digest';

/** What becomes of a base that something stands on: the newest of its mirror, an older one, one that nothing may start from, one that nobody holds. */
type BaseStanding = 'newest' | 'old' | 'withdrawn' | 'unknown';

interface BaseStandings {
  of(repository: string, digest: Digest): BaseStanding;
}

/** By what builds may start from now, and what was withdrawn. */
export function baseStandings(
  pins: Readonly<Record<string, PinnedBase>>,
  withdrawn: readonly { readonly repository: string; readonly digest: Digest }[],
): BaseStandings {
  const newest = new Map(Object.values(pins).map((pin) => [pin.repository, pin.digest] as const));
  const gone = new Set(withdrawn.map(({ repository, digest }) => `${repository}@${digest}`));
  return {
    of: (repository, digest) => {
      if (gone.has(`${repository}@${digest}`)) return 'withdrawn';
      const held = newest.get(repository);
      if (held === undefined) return 'unknown';
      return held === digest ? 'newest' : 'old';
    },
  };
}
