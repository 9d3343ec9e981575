import { setTimeout as delay } from 'node:timers/promises';

export class TurnMissed extends Error {}

/** Waits for `before`, `waitMs` at most. @throws TurnMissed */
async function waitFor(before: Promise<void>, waitMs: number): Promise<void> {
  const alarm = new AbortController();
  const late = delay(waitMs, 'late' as const, { signal: alarm.signal }).catch(() => 'off' as const);
  const first = await Promise.race([before, late]);
  alarm.abort();
  if (first === 'late') throw new TurnMissed();
}

/** Runs the work of one key in turn, in the order of the calls, within this process. */
export function createTurns(): <T>(
  key: string,
  waitMs: number,
  work: () => Promise<T>,
) => Promise<T> {
  const tails = new Map<string, Promise<void>>();

  return async (key, waitMs, work) => {
    const before = tails.get(key) ?? Promise.resolve();
    let end = (): void => undefined;
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    // Also when we give up waiting: who comes after us waits for those before us.
    const tail = before.then(async () => mine);
    tails.set(key, tail);
    void tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key);
    });
    try {
      await waitFor(before, waitMs);
      return await work();
    } finally {
      end();
    }
  };
}
