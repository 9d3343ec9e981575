/** Runs `work`, never twice at a time. */
export interface SingleFlight {
  /** A run that began after this call: one more for all that ask while one runs, as that one may have begun before their change. */
  run(): Promise<void>;
  /** When nothing runs any more; never rejects. */
  settled(): Promise<void>;
}

export function createSingleFlight(work: () => Promise<void>): SingleFlight {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  function begin(): Promise<void> {
    const mine = work().finally(() => {
      if (running === mine) running = null;
    });
    running = mine;
    return mine;
  }

  return {
    run: () => {
      if (!running) return begin();
      next ??= running
        .catch(() => undefined)
        .then(() => {
          next = null;
          return begin();
        });
      return next;
    },
    settled: async () => {
      await Promise.allSettled([running, next]);
    },
  };
}
