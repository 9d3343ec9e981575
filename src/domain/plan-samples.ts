/** Rarer samples than the standard takes (every 15 s) show a regression late; users in prod can't wait for it. */
export const SLOWEST_INTERVAL_MS = 15_000;

/** Samples of a compared metric that a window gives a side, when none is missing. */
export function samplesIn(windowMs: number, sampleIntervalMs: number): number {
  return Math.floor(windowMs / sampleIntervalMs);
}

/**
 * The smallest p-value that an exact rank test of `samples` against as many can give: one order of all C(2n, n).
 * What is above it can't be told apart, whatever the samples are.
 */
export function smallestPValue(samples: number, sides: 1 | 2): number {
  let orders = 1;
  for (let n = 1; n <= samples && orders < Number.MAX_SAFE_INTEGER; n += 1) {
    orders = (orders * (samples + n)) / n;
  }
  return Math.min(1, sides / orders);
}

/** More samples of one series than this are asked of no metrics source (Prometheus refuses 11,000). */
export const MAX_SAMPLES = 10_000;
