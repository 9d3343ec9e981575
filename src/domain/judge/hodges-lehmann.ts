const byValue = (a: number, b: number): number => a - b;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort(byValue);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  return (lower + upper) / 2;
}

/**
 * Hodges and Lehmann's shift: the median of all differences between a value of the first sample and one of the second.
 * By bisection over the sorted samples, to a relative 1e-12, without making the n·m differences.
 */
export function hodgesLehmannShift(first: readonly number[], second: readonly number[]): number {
  const x = [...first].sort(byValue);
  const y = [...second].sort(byValue);
  const pairs = x.length * y.length;
  const upper = smallestReached(x, y, Math.floor(pairs / 2) + 1);
  return pairs % 2 === 1 ? upper : (smallestReached(x, y, pairs / 2) + upper) / 2;
}

/** The `rank`-th smallest difference. */
function smallestReached(x: readonly number[], y: readonly number[], rank: number): number {
  let low = (x[0] ?? NaN) - (y.at(-1) ?? NaN);
  let high = (x.at(-1) ?? NaN) - (y[0] ?? NaN);
  if (countAtMost(x, y, low) >= rank) return low;
  const tolerance = 1e-12 * Math.max(Math.abs(low), Math.abs(high));
  while (high - low > tolerance) {
    const middle = low + (high - low) / 2;
    if (countAtMost(x, y, middle) >= rank) high = middle;
    else low = middle;
  }
  return high;
}

/** Pairs whose difference is at most `limit`; both samples sorted. */
export function countAtMost(x: readonly number[], y: readonly number[], limit: number): number {
  let count = 0;
  let below = 0;
  for (const value of x) {
    // The difference is formed as above, so that the bounds count themselves.
    while (below < y.length && value - (y[below] ?? NaN) > limit) below += 1;
    count += y.length - below;
  }
  return count;
}
