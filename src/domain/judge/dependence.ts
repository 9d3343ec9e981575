import { varianceInflation } from './autocorrelation';
import type { CleanSeries, Placed } from './clean-series';
import { midRanks } from './ranks';

/** What dependence between samples does to a comparison of two series. */
export interface Dependence {
  /** The variance of the rank sum, over what it would be for independent samples. */
  readonly factor: number;
  /** Degrees of freedom left to judge a deviate by. */
  readonly df: number;
  /** Rank correlation of the two sides moment by moment, where they clearly swing together; else null. */
  readonly shared: number | null;
}

const MIN_PAIRS = 20;
/** Standard errors at which a common swing is believed. */
const CLEAR = 3;
/** A difference that depends so little on itself is noise, whatever the sides do. */
const QUIET = 1.5;
/** However well two sides swing together, so much noise is each one's own. */
const LEAST_FACTOR = 0.05;

/**
 * Two sides that swing together (load, a shared database) are compared moment by moment: what both do cancels out, and what counts
 * is how their difference depends on itself. Otherwise each side counts for itself.
 */
export function dependenceOf(candidate: CleanSeries, stable: CleanSeries): Dependence {
  const n = candidate.samples.length;
  const m = stable.samples.length;
  const own = varianceInflation(candidate.samples);
  const other = varianceInflation(stable.samples);
  const together = swingTogether(candidate, stable, Math.min(own, other));
  if (together) return together;
  return {
    factor: (own * m + other * n) / (n + m),
    df: Math.max(1, n / own + m / other - 2),
    shared: null,
  };
}

/**
 * `inflation` is the lesser of the two sides'. Two independent slow wanderers often look alike in one window, but then their difference wanders as
 * they do; what really swings together leaves a difference that does not.
 */
function swingTogether(
  candidate: CleanSeries,
  stable: CleanSeries,
  inflation: number,
): Dependence | null {
  if (candidate.stepMs !== stable.stepMs) return null;
  const others = new Map(stable.samples.map(({ index, value }) => [index, value]));
  const pairs = candidate.samples.flatMap(({ index, value }) => {
    const other = others.get(index);
    return other === undefined ? [] : [{ index, value, other }];
  });
  const n = pairs.length;
  if (n < MIN_PAIRS) return null;
  const own = midRanks(pairs.map(({ value }) => value)).ranks;
  const other = midRanks(pairs.map((pair) => pair.other)).ranks;
  const shared = correlation(own, other);
  if (!(shared > CLEAR / Math.sqrt(n))) return null;
  const apart = pairs.map<Placed>(({ index }, i) => ({
    index,
    value: (own[i] ?? 0) - (other[i] ?? 0),
  }));
  const left = varianceInflation(apart);
  if (left > Math.max(QUIET, inflation / 2)) return null;
  return {
    factor: Math.max(LEAST_FACTOR, (1 - shared) * left),
    df: Math.max(1, n / left - 1),
    shared,
  };
}

/** Of two rankings of the same length; 0 where one of them is constant. */
function correlation(x: readonly number[], y: readonly number[]): number {
  const mean = (x.length + 1) / 2;
  let both = 0;
  let ofX = 0;
  let ofY = 0;
  x.forEach((rank, i) => {
    const a = rank - mean;
    const b = (y[i] ?? mean) - mean;
    both += a * b;
    ofX += a * a;
    ofY += b * b;
  });
  return ofX > 0 && ofY > 0 ? both / Math.sqrt(ofX * ofY) : 0;
}
