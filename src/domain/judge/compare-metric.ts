import type { ComparedMetric, JudgePlan, WorseWhen } from '../plan';
import type { Series } from '../series';
import { cleanSeries, whyUnmeasured, type CleanSeries } from './clean-series';
import { dependenceOf, type Dependence } from './dependence';
import { normalDeviate, studentTail } from './distributions';
import { effectOf, worseBy, type Effect } from './effect';
import { asNumber, brief, percent, type Finding, type Numbers } from './finding';
import { median } from './hodges-lehmann';
import { extremeDeviate, mannWhitney, type Alternative } from './mann-whitney';
import { detectableShift } from './power';

const NO_SERIES: Series = { startMs: 0, stepMs: 1, values: [] };
/** Of fewer samples it can't be told whether they depend on each other, and then they seem to show what isn't there. */
const LEAST_TESTED = 9;

const ALTERNATIVES: Readonly<Record<WorseWhen, Alternative>> = {
  higher: 'greater',
  lower: 'less',
  different: 'different',
};

export interface MetricSides {
  readonly candidate: Series | undefined;
  readonly stable: Series | undefined;
}

/**
 * A metric that isn't required is never an `error`, and what there is of it is tested: too few samples can show a regression, but not
 * that there is none.
 */
export function compareMetric(
  metric: ComparedMetric,
  sides: MetricSides,
  { minSamples }: Pick<JudgePlan, 'minSamples'>,
  staleLimitMs: number,
): Finding {
  const candidate = cleanSeries(sides.candidate ?? NO_SERIES);
  const stable = cleanSeries(sides.stable ?? NO_SERIES);
  const isOptional = metric.required === false;
  const untested = (outcome: 'inconclusive' | 'error', reason: string): Finding => ({
    kind: 'untested',
    metric: metric.name,
    outcome: isOptional ? 'inconclusive' : outcome,
    reason: isOptional ? `${metric.name} not compared: ${reason}` : `${metric.name} of ${reason}`,
    numbers: countsOf(candidate, stable),
  });
  const named = [
    ['the candidate', candidate],
    ['stable', stable],
  ] as const;
  for (const [side, series] of named) {
    // Two steps: a sample that is just being scraped isn't stale.
    const why = whyUnmeasured(series, Math.max(staleLimitMs, 2 * series.stepMs));
    if (why !== null) return untested('error', `${side} could not be measured: it ${why}`);
  }
  const least = Math.max(1, minSamples);
  for (const [side, { samples, nan }] of named) {
    if (samples.length >= least) continue;
    const why = nan > 0 ? ` (${nan} were NaN, as without requests)` : '';
    if (!isOptional) {
      const count = `${samples.length} usable samples, ${least} needed to judge`;
      return untested('inconclusive', `${side} has ${count}${why}`);
    }
    const few = `${samples.length} of ${least} samples of ${side}${why}`;
    const fewest = Math.min(candidate.samples.length, stable.samples.length);
    if (fewest < LEAST_TESTED) return untested('inconclusive', few);
    return tested(metric, candidate, stable, `${metric.name} not compared: ${few}`);
  }
  return tested(metric, candidate, stable, null);
}

function tested(
  metric: ComparedMetric,
  candidate: CleanSeries,
  stable: CleanSeries,
  tooLittle: string | null,
): Finding {
  const own = candidate.samples.map(({ value }) => value);
  const other = stable.samples.map(({ value }) => value);
  const alternative = ALTERNATIVES[metric.worseWhen];
  const test = mannWhitney(own, other, alternative);
  const dependence = dependenceOf(candidate, stable);
  const effect = effectOf(own, other);
  const worse = worseBy(effect, metric.worseWhen);
  const p = dependentP(test.p, alternative, dependence);
  const reachableP = leastOf(own.length, other.length, alternative, dependence);
  const isConstant = [...own, ...other].every((value) => value === own[0]);
  return {
    kind: 'tested',
    metric: metric.name,
    p,
    leastP: isConstant ? 1 : reachableP,
    reachableP,
    matters: worse > 0 && worse >= metric.minEffect - 1e-9,
    tooLittle,
    worse: worseSentence(metric, effect, own, other),
    numbers: (threshold) => ({
      ...countsOf(candidate, stable),
      test: `mann-whitney ${test.method}`,
      u: asNumber(test.u),
      superiority: asNumber(test.effect),
      p: asNumber(p),
      threshold: asNumber(threshold),
      shift: asNumber(effect.shift),
      relative: asNumber(effect.relative),
      basis: effect.basis,
      minEffect: metric.minEffect,
      candidateMedian: asNumber(median(own)),
      stableMedian: asNumber(median(other)),
      varianceFactor: asNumber(dependence.factor),
      degreesOfFreedom: asNumber(dependence.df),
      sharedSwing: asNumber(dependence.shared),
      detectable: asNumber(
        detectableShift({
          seen: other,
          samples: (2 * own.length * other.length) / (own.length + other.length),
          factor: dependence.factor,
          rate: alternative === 'different' ? threshold / 2 : threshold,
          minEffect: metric.minEffect,
        }),
      ),
    }),
  };
}

/** The p-value of independent samples, read again with the variance that these have. */
function dependentP(p: number, alternative: Alternative, { factor, df }: Dependence): number {
  if (factor === 1) return p;
  const sides = alternative === 'different' ? 2 : 1;
  const deviate = normalDeviate(p / sides) / Math.sqrt(factor);
  return Math.min(1, sides * studentTail(deviate, df));
}

function leastOf(
  n: number,
  m: number,
  alternative: Alternative,
  { factor, df }: Dependence,
): number {
  const sides = alternative === 'different' ? 2 : 1;
  return Math.min(1, sides * studentTail(extremeDeviate(n, m) / Math.sqrt(factor), df));
}

function countsOf(candidate: CleanSeries, stable: CleanSeries): Numbers {
  return {
    candidateSamples: candidate.samples.length,
    candidateMissing: candidate.missing,
    candidateNaN: candidate.nan,
    candidateInfinite: candidate.infinite,
    candidateResets: candidate.resets,
    stableSamples: stable.samples.length,
    stableMissing: stable.missing,
    stableNaN: stable.nan,
    stableInfinite: stable.infinite,
    stableResets: stable.resets,
  };
}

function worseSentence(
  { name, minEffect }: ComparedMetric,
  { relative, shift, basis }: Effect,
  own: readonly number[],
  other: readonly number[],
): string {
  const direction = shift > 0 ? 'higher' : 'lower';
  const size = Number.isFinite(relative) ? percent(Math.abs(relative)) : brief(Math.abs(shift));
  const levels =
    basis === 'median' ? `, medians ${brief(median(own))} and ${brief(median(other))}` : '';
  return `${name} is ${size} ${direction} than stable's${levels}, limit ${percent(minEffect)}`;
}
