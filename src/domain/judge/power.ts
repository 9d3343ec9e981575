import { normalDeviate } from './distributions';
import { countAtMost, median } from './hodges-lehmann';

/** Of the window's tests. */
const POWER = 0.8;
const Z_POWER = -normalDeviate(POWER);
const BISECTIONS = 50;

export interface ShiftPowerInput {
  /** What stable showed. */
  readonly seen: readonly number[];
  /** A side. */
  readonly samples: number;
  /** What dependence does to the variance; 1 for independent samples. */
  readonly factor: number;
  /** One-sided level of the one test. */
  readonly rate: number;
  /** The floor of the effect: what is estimated below it passes. */
  readonly minEffect: number;
}

/**
 * The smallest regression, of the median, that the rank test shows with 80 % power; null where none is: too few samples, or a level of
 * 0. Noether (1987): the chance that a shifted value exceeds an unshifted one must reach ½ + (zα + zβ)·√(factor/6n). The shift
 * that gets there is looked up in the values seen themselves, so no shape is presumed.
 */
export function detectableShift(input: ShiftPowerInput): number | null {
  const { seen, samples, factor, rate, minEffect } = input;
  const level = Math.abs(median(seen));
  const deviates = normalDeviate(rate) + Z_POWER;
  const needed = 0.5 + deviates * Math.sqrt(factor / (6 * samples));
  // Not negated: NaN must not get through.
  if (!(needed < 1 && level > 0)) return null;
  const shift = Math.max(0, shiftFor(seen, needed)) / level;
  // Half of the estimates of a true effect lie below it: the effect must clear the floor by as much as the power asks.
  return Math.max(shift, minEffect + (shift * Z_POWER) / deviates);
}

/** The shift at which a value exceeds another of the same sample with this chance, ties half. */
function shiftFor(seen: readonly number[], chance: number): number {
  const sorted = [...seen].sort((a, b) => a - b);
  const range = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
  let low = 0;
  let high = range * 1.001 + 1e-9 * Math.abs(median(seen));
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (superiority(sorted, middle) >= chance) high = middle;
    else low = middle;
  }
  return high;
}

/** x + shift > x' is x' − x < shift; the differences lie symmetrically, so those below are those not at most −shift. */
function superiority(sorted: readonly number[], shift: number): number {
  const pairs = sorted.length ** 2;
  const atMost = countAtMost(sorted, sorted, shift);
  const below = pairs - countAtMost(sorted, sorted, -shift);
  return (atMost + below) / (2 * pairs);
}

export interface ErrorPowerInput {
  /** Stable's. */
  readonly ratio: number;
  readonly candidateRequests: number;
  readonly stableRequests: number;
  readonly rate: number;
  readonly minDifference: number;
}

/**
 * The smallest difference of the error ratios that the test of proportions shows with 80 % power, by the normal approximation; null where none is.
 */
export function detectableErrorDifference(input: ErrorPowerInput): number | null {
  const { ratio, candidateRequests: n, stableRequests: m, rate, minDifference } = input;
  const zRate = normalDeviate(rate);
  const spread = (difference: number): { pooled: number; own: number } => {
    const bad = ratio + difference;
    const all = (bad * n + ratio * m) / (n + m);
    return {
      pooled: Math.sqrt(all * (1 - all) * (1 / n + 1 / m)),
      own: Math.sqrt((bad * (1 - bad)) / n + (ratio * (1 - ratio)) / m),
    };
  };
  const isShown = (difference: number): boolean => {
    const { pooled, own } = spread(difference);
    return (
      difference >= zRate * pooled + Z_POWER * own && difference >= minDifference + Z_POWER * own
    );
  };
  let low = 0;
  let high = 1 - ratio;
  if (!isShown(high)) return null;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (isShown(middle)) high = middle;
    else low = middle;
  }
  return high;
}
