/** Runs `work` when it is its turn; the rest waits, in the order in which it came. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/** At most `limit` at a time. */
export function createTurns(limit: number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function enter(): Promise<void> {
    if (running < limit) {
      running += 1;
      return;
    }
    // Whoever leaves hands its turn on.
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  return async (work) => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
