import type { Placed } from './clean-series';
import { midRanks } from './ranks';

/** Fewer neighbours than this say nothing about dependence. */
const MIN_PAIRS = 8;
/** Nearer to 1 the estimate is worthless; such samples are worth next to nothing anyway. */
const MOST = 0.98;
const MOST_DECAY = 0.9;

/**
 * By how much dependence on their predecessors inflates the variance of a mean of these samples' ranks: 1 when there is none, and n/τ is
 * how many independent samples they are worth. From the ranks within the side, so that outliers don't count and neither does a shift
 * between sides; without their straight-line trend, since a leak is what we look for and not noise.
 *
 * τ = (1 + ρ₁)/(1 − ρ₁) as for a first-order autoregression; and where ρ₂ is clear too, 1 + 2ρ₁/(1 − ρ₂/ρ₁), which also covers slow
 * waves under noise. The greater of the two.
 */
export function varianceInflation(samples: readonly Placed[]): number {
  const residuals = detrendedRanks(samples);
  const first = autocorrelation(residuals, 1);
  if (first === null || first.rho <= 0) return 1;
  const simple = (1 + first.rho) / (1 - first.rho);
  const second = autocorrelation(residuals, 2);
  if (!second || Math.min(first.rho, second.rho) <= 2 / Math.sqrt(second.pairs)) return simple;
  const decay = Math.min(MOST_DECAY, second.rho / first.rho);
  return Math.max(simple, 1 + (2 * first.rho) / (1 - decay));
}

interface Autocorrelation {
  readonly rho: number;
  readonly pairs: number;
}

/** Null where there are too few neighbours. Corrected for the bias −(2 + 4ρ)/n of an estimate with mean and trend taken out. */
function autocorrelation(
  residuals: ReadonlyMap<number, number>,
  lag: number,
): Autocorrelation | null {
  let pairs = 0;
  let product = 0;
  let squares = 0;
  for (const [index, value] of residuals) {
    squares += value * value;
    const next = residuals.get(index + lag);
    if (next === undefined) continue;
    pairs += 1;
    product += value * next;
  }
  if (pairs < MIN_PAIRS) return null;
  const variance = squares / residuals.size;
  // Rounding leaves this of a constant or of a straight line.
  if (variance <= 1e-9) return { rho: 0, pairs };
  const raw = product / pairs / variance;
  return { rho: Math.min(MOST, (pairs * raw + 2) / (pairs - 4)), pairs };
}

/** By place on the grid; the trend by least squares. */
function detrendedRanks(samples: readonly Placed[]): ReadonlyMap<number, number> {
  const { ranks } = midRanks(samples.map(({ value }) => value));
  const n = samples.length;
  const meanRank = (n + 1) / 2;
  const meanIndex = samples.reduce((sum, { index }) => sum + index / n, 0);
  let covariance = 0;
  let spread = 0;
  samples.forEach(({ index }, i) => {
    covariance += (index - meanIndex) * ((ranks[i] ?? meanRank) - meanRank);
    spread += (index - meanIndex) ** 2;
  });
  const slope = spread > 0 ? covariance / spread : 0;
  return new Map(
    samples.map(({ index }, i) => [
      index,
      (ranks[i] ?? meanRank) - meanRank - slope * (index - meanIndex),
    ]),
  );
}
