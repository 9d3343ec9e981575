/** A registry that redirects to its storage, or answers in chunks, never answers plainly: after some misses it is tried only now and then. */
const MAX_MISSES = 5;
const TRY_EVERY = 100;

/** Whether a line is worth the try. */
export interface LineTrial {
  isDue(): boolean;
  /** How a try went. */
  tell(isUsable: boolean): void;
}

export function createLineTrial(): LineTrial {
  let misses = 0;
  return {
    isDue: () => {
      if (misses < MAX_MISSES) return true;
      // Counted before it is known how it goes: of many at once one tries.
      misses += 1;
      return misses % TRY_EVERY === 0;
    },
    tell: (isUsable) => {
      misses = isUsable ? 0 : misses + 1;
    },
  };
}
