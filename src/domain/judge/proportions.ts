import type { RequestCounts } from '../series';
import { normalTail } from './distributions';

export interface Proportions {
  readonly candidateRatio: number;
  readonly stableRatio: number;
  readonly difference: number;
  /** 95 % interval of the difference. */
  readonly lower: number;
  readonly upper: number;
  /** One-sided: the candidate's ratio is the higher one. */
  readonly p: number;
  /** The smallest p-value that so many errors in all could have given, however they fell; 1 without errors. */
  readonly leastP: number;
  /** The smallest p-value that so many requests could have given, whatever the errors. */
  readonly reachableP: number;
  readonly method: 'fisher' | 'score';
}

/** Longest list of ways that is summed up exactly. */
const MAX_WAYS = 5_000;
const Z95 = 1.959963984540054;

/**
 * Two error ratios: Fisher's exact test, and the pooled score test where the counts are too many for it. The interval is
 * Newcombe's (1998, method 10), from two Wilson intervals. Both sides have requests; counts are whole.
 */
export function compareProportions(candidate: RequestCounts, stable: RequestCounts): Proportions {
  const candidateRatio = candidate.errors / candidate.requests;
  const stableRatio = stable.errors / stable.requests;
  const difference = candidateRatio - stableRatio;
  const own = wilson(candidate);
  const other = wilson(stable);
  const ways = waysOf(candidate, stable);
  const test = ways.high - ways.low < MAX_WAYS ? fisher(candidate, stable, ways) : null;
  return {
    candidateRatio,
    stableRatio,
    difference,
    lower: difference - Math.hypot(candidateRatio - own.lower, other.upper - stableRatio),
    upper: difference + Math.hypot(own.upper - candidateRatio, stableRatio - other.lower),
    p: test?.p ?? scoreP(candidate, stable, difference),
    leastP: test?.leastP ?? 0,
    reachableP: reachableP(candidate.requests, stable.requests),
    method: test ? 'fisher' : 'score',
  };
}

function wilson({ requests, errors }: RequestCounts): { lower: number; upper: number } {
  const ratio = errors / requests;
  const z2 = Z95 * Z95;
  const centre = ratio + z2 / (2 * requests);
  const half = Z95 * Math.sqrt((ratio * (1 - ratio)) / requests + z2 / (4 * requests * requests));
  const scale = 1 + z2 / requests;
  return {
    lower: Math.max(0, (centre - half) / scale),
    upper: Math.min(1, (centre + half) / scale),
  };
}

/** Fewest and most of all errors that the candidate could have had. */
function waysOf(candidate: RequestCounts, stable: RequestCounts): { low: number; high: number } {
  const errors = candidate.errors + stable.errors;
  return {
    low: Math.max(0, errors - stable.requests),
    high: Math.min(errors, candidate.requests),
  };
}

/** The hypergeometric tail by the ratio of neighbours, from the mode outwards: no factorials, no cancellation. */
function fisher(
  candidate: RequestCounts,
  stable: RequestCounts,
  { low, high }: { readonly low: number; readonly high: number },
): { readonly p: number; readonly leastP: number } {
  const n = candidate.requests;
  const m = stable.requests;
  const errors = candidate.errors + stable.errors;
  const ratioUp = (k: number): number =>
    ((errors - k) * (n - k)) / ((k + 1) * (m - errors + k + 1));
  const middle = Math.floor(((errors + 1) * (n + 1)) / (n + m + 2));
  const mode = Math.min(high, Math.max(low, middle));
  let all = 1;
  let tail = mode >= candidate.errors ? 1 : 0;
  let weight = 1;
  for (let k = mode; k < high; k += 1) {
    weight *= ratioUp(k);
    all += weight;
    if (k + 1 >= candidate.errors) tail += weight;
  }
  const extreme = weight;
  weight = 1;
  for (let k = mode - 1; k >= low; k -= 1) {
    weight /= ratioUp(k);
    all += weight;
    if (k >= candidate.errors) tail += weight;
  }
  return { p: Math.min(1, tail / all), leastP: extreme / all };
}

function scoreP(candidate: RequestCounts, stable: RequestCounts, difference: number): number {
  const requests = candidate.requests + stable.requests;
  const pooled = (candidate.errors + stable.errors) / requests;
  const variance = pooled * (1 - pooled) * (1 / candidate.requests + 1 / stable.requests);
  return variance > 0 ? normalTail(difference / Math.sqrt(variance)) : 1;
}

/** Every request of the candidate failed and none of stable's. */
function reachableP(n: number, m: number): number {
  let p = 1;
  for (let i = 1; i <= Math.min(n, m) && p > 1e-300; i += 1) p *= i / (Math.max(n, m) + i);
  return p;
}
