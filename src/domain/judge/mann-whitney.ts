import { normalDeviate, normalTail } from './distributions';
import { midRanks } from './ranks';

/** What is asked of the first sample: greater, less, or either. */
export type Alternative = 'greater' | 'less' | 'different';

export interface MannWhitney {
  /** Pairs in which the first sample's value is the greater one; equal ones count half. */
  readonly u: number;
  /** Relative effect: chance that a value of the first sample is greater than one of the second, ties half. */
  readonly effect: number;
  readonly p: number;
  /** `exact`: over all ways to share out the values seen, ties included. `normal`: tie- and continuity-corrected. */
  readonly method: 'exact' | 'normal';
}

interface Tails {
  readonly greater: number;
  readonly less: number;
}

/** Additions that an exact distribution may cost: reaches to about 22 values a side. */
const EXACT_WORK = 2_000_000;

export function isExact(n: number, m: number): boolean {
  const fewer = Math.min(n, m);
  return 2 * (fewer * (n + m)) ** 2 <= EXACT_WORK;
}

/**
 * Mann and Whitney's U test of two samples, neither of them empty. Given the values seen, equal ones included, the exact
 * p-value is a permutation test; it presumes values that do not depend on each other.
 */
export function mannWhitney(
  first: readonly number[],
  second: readonly number[],
  alternative: Alternative,
): MannWhitney {
  const n = first.length;
  const m = second.length;
  const { ranks, tieTerm } = midRanks([...first, ...second]);
  const u = total(ranks.slice(0, n)) - (n * (n + 1)) / 2;
  const exact = isExact(n, m);
  const tails = exact ? exactTails(ranks, n) : normalTails(u, n, m, tieTerm);
  const p =
    alternative === 'different'
      ? Math.min(1, 2 * Math.min(tails.greater, tails.less))
      : tails[alternative];
  return { u, effect: u / (n * m), p, method: exact ? 'exact' : 'normal' };
}

/** The deviate of the smallest one-sided p-value that samples of these sizes can give at all: fully separated ones. */
export function extremeDeviate(n: number, m: number): number {
  if (!isExact(n, m)) return Math.sqrt((3 * n * m) / (n + m + 1));
  let ways = 1;
  for (let i = 1; i <= Math.min(n, m); i += 1) ways *= (Math.max(n, m) + i) / i;
  return normalDeviate(1 / ways);
}

function normalTails(u: number, n: number, m: number, tieTerm: number): Tails {
  const all = n + m;
  const mean = (n * m) / 2;
  const variance = ((n * m) / 12) * (all + 1 - tieTerm / (all * (all - 1)));
  if (!(variance > 0)) return { greater: 1, less: 1 };
  const deviation = Math.sqrt(variance);
  return {
    greater: normalTail((u - mean - 0.5) / deviation),
    less: normalTail((mean - u - 0.5) / deviation),
  };
}

/** Counts the ways to draw the smaller sample by the sum of its ranks: doubled where there are mid-ranks, which come in halves. */
function exactTails(ranks: readonly number[], n: number): Tails {
  const swapped = n > ranks.length - n;
  const doubled = ranks.map((rank) => Math.round(2 * rank) - 2);
  const unit = doubled.every((weight) => weight % 2 === 0) ? 2 : 1;
  const weights = doubled.map((weight) => weight / unit);
  const drawn = swapped ? weights.slice(n) : weights.slice(0, n);
  const observed = total(drawn);
  const ways = waysBySum(weights, drawn.length);
  let below = 0;
  let above = 0;
  ways.forEach((count, sum) => {
    if (sum <= observed) below += count;
    if (sum >= observed) above += count;
  });
  const all = total(ways);
  const upper = Math.min(1, above / all);
  const lower = Math.min(1, below / all);
  return swapped ? { greater: lower, less: upper } : { greater: upper, less: lower };
}

function waysBySum(weights: readonly number[], size: number): Float64Array {
  const largest = [...weights].sort((a, b) => b - a).slice(0, size);
  const limit = total(largest);
  const bySize = Array.from({ length: size + 1 }, () => new Float64Array(limit + 1));
  bySize[0]?.fill(1, 0, 1);
  let reached = 0;
  // In ascending order the sums stay low for long, and there is less to add.
  for (const [seen, weight] of [...weights].sort((a, b) => a - b).entries()) {
    reached = Math.min(limit, reached + weight);
    for (let k = Math.min(size, seen + 1); k >= 1; k -= 1) {
      addShifted(bySize[k], bySize[k - 1], weight, reached);
    }
  }
  return bySize[size] ?? new Float64Array(0);
}

function addShifted(
  to: Float64Array | undefined,
  from: Float64Array | undefined,
  shift: number,
  reached: number,
): void {
  if (!to || !from) return;
  for (let sum = shift; sum <= reached; sum += 1) {
    to[sum] = (to[sum] ?? 0) + (from[sum - shift] ?? 0);
  }
}

function total(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
