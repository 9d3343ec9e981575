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
      const isDue = misses < MAX_MISSES || misses % TRY_EVERY === 0;
      if (!isDue) misses += 1;
      return isDue;
    },
    tell: (isUsable) => {
      misses = isUsable ? 0 : misses + 1;
    },
  };
}
