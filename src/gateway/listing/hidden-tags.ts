import { LRUCache } from 'lru-cache';
import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';
import { unreadable } from '../../domain/registry/quarantine';
import type { GatewayDependencies } from '../dependencies';
import { refused, type Refused } from '../http/refused';

export type HiddenTagsDependencies = Pick<
  GatewayDependencies,
  'cache' | 'inventory' | 'policy' | 'log' | 'now'
>;

export interface HiddenTags {
  /**
   * Names of the repository's tags that point at what may not be read. While Postgres is away, what it said last.
   *
   * @throws Refused UNAVAILABLE when it said nothing about this repository yet, or the policy refuses reads without it
   */
  of(repository: string): Promise<ReadonlySet<string>>;
}

const NONE: ReadonlySet<string> = new Set();
const MAX_REMEMBERED = 1000;

interface Remembered {
  readonly digests: ReadonlySet<Digest>;
  readonly tags: ReadonlySet<string>;
}

export function createHiddenTags(deps: HiddenTagsDependencies): HiddenTags {
  const { cache, inventory, log, now } = deps;
  const remembered = new LRUCache<string, Remembered>({ max: MAX_REMEMBERED });

  return {
    of: async (repository) => {
      const digests = unreadable(cache.current().withheld, now().getTime());
      if (digests.length === 0) return NONE;
      try {
        const tags = new Set(await inventory.tagsOf(repository, digests));
        remembered.set(repository, { digests: new Set(digests), tags });
        return tags;
      } catch (error) {
        if (!(error instanceof ReleaseError)) throw error;
        const known = remembered.get(repository);
        const isWhole = known !== undefined && digests.every((one) => known.digests.has(one));
        if (deps.policy.withoutDatabase.pulls === 'refuse' || !isWhole)
          throw unknowable(repository);
        log.warn({ err: error, repository }, 'tags are listed by what was known');
        return known.tags;
      }
    },
  };
}

function unknowable(repository: string): Refused {
  return refused(
    {
      code: 'UNAVAILABLE',
      rule: 'tags-unknown',
      message: `Which tags of ${repository} are quarantined can't be found out now`,
      remedy: 'try again: Postgres does not answer. Pulls by name and by digest go on',
    },
    { 'retry-after': '5' },
  );
}
