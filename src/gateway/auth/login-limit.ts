import { LRUCache } from 'lru-cache';

const MAX_FAILURES = 10;
const WINDOW_MS = 60_000;
const MAX_KEYS = 10_000;
const MAX_NAME = 64;

interface Failures {
  readonly sinceMs: number;
  readonly count: number;
}

interface Counted {
  /** Milliseconds to stay away; 0 when there were not too many failures. */
  readonly waitMs: number;
  /** The first one too many: worth a line in the log, which the next thousand are not. */
  readonly isFirst: boolean;
}

export interface LoginLimit {
  /** Counts a failure. */
  fail(remoteAddress: string, name: string): Counted;
}

/**
 * Ten failed logins a minute for each address and name. A good secret is let in whatever was counted: guessing 256 bits is
 * hopeless anyway, and nobody can lock a robot out by failing in its name from behind the same proxy.
 */
export function createLoginLimit(now: () => Date): LoginLimit {
  const failures = new LRUCache<string, Failures>({ max: MAX_KEYS });
  return {
    fail: (remoteAddress, name) => {
      const nowMs = now().getTime();
      const key = JSON.stringify([remoteAddress, name.slice(0, MAX_NAME)]);
      const known = failures.get(key);
      const isSame = known !== undefined && nowMs < known.sinceMs + WINDOW_MS;
      const current = isSame
        ? { sinceMs: known.sinceMs, count: known.count + 1 }
        : { sinceMs: nowMs, count: 1 };
      failures.set(key, current);
      const isTooMany = current.count > MAX_FAILURES;
      return {
        waitMs: isTooMany ? current.sinceMs + WINDOW_MS - nowMs : 0,
        isFirst: current.count === MAX_FAILURES + 1,
      };
    },
  };
}
