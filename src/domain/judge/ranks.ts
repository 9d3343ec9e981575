export interface Ranks {
  /** From 1; equal values share the mean of their places. */
  readonly ranks: readonly number[];
  /** Σ(t³ − t) over the groups of t equal values; 0 without ties. */
  readonly tieTerm: number;
}

export function midRanks(values: readonly number[]): Ranks {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  let tieTerm = 0;
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && order[to]?.value === order[from]?.value) to += 1;
    for (const { index } of order.slice(from, to)) ranks[index] = (from + 1 + to) / 2;
    const tied = to - from;
    tieTerm += tied ** 3 - tied;
    from = to;
  }
  return { ranks, tieTerm };
}
