/** Nearest rank: the least value that `share` (0 to 1) of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new Error('there is nothing to take a percentile of');
  return value;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function rounded(value: number, digits = 0): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}

/** Median of each name over all rounds, in the order of the first round that has it. */
export function medianByName(
  rounds: readonly ReadonlyMap<string, number>[],
): Readonly<Record<string, number>> {
  const names = new Set(rounds.flatMap((round) => [...round.keys()]));
  return Object.fromEntries(
    [...names].map((name) => {
      const values = rounds.flatMap((round) => round.get(name) ?? []);
      return [name, rounded(median(values))];
    }),
  );
}

/** Of time over size, by least squares on their logarithms: 1 is linear. */
export function exponentOf(points: readonly (readonly [size: number, time: number])[]): number {
  const logs = points.map(([size, time]) => [Math.log(size), Math.log(time)] as const);
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / logs.length;
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
