/** How much is taken on at a time: beyond it nothing is queued, so that what was begun ends in time. */
export interface LoadGate {
  /** Null when there is no room; else to be called once when it is over. */
  enter(bytes: number): (() => void) | null;
  inProgress(): number;
}

interface LoadLimits {
  readonly reviews: number;
  readonly bodyBytes: number;
}

export function createLoadGate(limits: LoadLimits): LoadGate {
  let reviews = 0;
  let bytesHeld = 0;
  return {
    enter: (bytes) => {
      if (reviews >= limits.reviews || bytesHeld + bytes > limits.bodyBytes) return null;
      reviews += 1;
      bytesHeld += bytes;
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        reviews -= 1;
        bytesHeld -= bytes;
      };
    },
    inProgress: () => reviews,
  };
}
