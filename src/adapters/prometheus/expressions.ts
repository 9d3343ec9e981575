import { selectorOf, type MetricDefinition, type MetricNames } from '../../domain/metric-source';
import type { WindowQuery } from '../../ports/metrics-source';
import { BASELINE_MS } from './baseline';

const BASELINE = `${BASELINE_MS}ms`;
/** A restart a little before the window still spoils the baseline. */
const RESET_MARGIN_MS = 60_000;

export interface WindowExpressions {
  readonly requests: string;
  readonly errors: string;
  readonly p95Seconds: string;
  readonly ageSeconds: string;
  readonly resets: string;
}

/** The series of one version, as PromQL selectors, and how they are read. */
export interface WindowSelectors {
  readonly requests: string;
  readonly errors: string;
  readonly durations: string;
  readonly native: boolean;
  readonly durationUnit: MetricDefinition['durationUnit'];
  /** Null: a version without series could not be measured. */
  readonly alive: string | null;
  /** Of whatever version: they show that the source was scraped. */
  readonly source: readonly string[];
}

export function windowSelectors(
  { requests, errors, durations, durationUnit, alive }: MetricDefinition,
  names: MetricNames,
): WindowSelectors {
  const aliveSelector = alive && selectorOf(alive, names);
  return {
    requests: selectorOf(requests, names),
    errors: selectorOf(errors, names),
    durations: selectorOf(durations, names),
    // Series of a classic histogram have a name of their own for buckets.
    native: !durations.metric.endsWith('_bucket'),
    durationUnit,
    alive: aliveSelector,
    source: [...(aliveSelector === null ? [] : [aliveSelector]), requests.metric],
  };
}

type Range = Pick<WindowQuery, 'from' | 'to'>;

const lengthMs = ({ from, to }: Range): number => Math.max(1, Date.parse(to) - Date.parse(from));

/**
 * PromQL for one window, to be asked at its end. `exact` takes each counter's last value in the window minus its
 * value before it, or zero for a series born inside. `increase()` would extrapolate and lose the first sample of a
 * new series, which in short windows is most of the truth; only after a counter reset (`exact` false), where differences lack
 * what was counted before it, the higher of the two serves.
 */
export function windowExpressions(
  selectors: WindowSelectors,
  range: Range,
  scrapeIntervalMs: number,
  exact: boolean,
): WindowExpressions {
  const { requests, errors, durations, native, durationUnit } = selectors;
  const windowMs = lengthMs(range);
  const window = `${windowMs}ms`;
  // From the last sample before the window on: what came between it and the first one inside counts too.
  const increase = (series: string): string =>
    `increase(${series}[${windowMs + scrapeIntervalMs}ms])`;
  const growth = (series: string): string =>
    exact
      ? difference(series, window)
      : higherOf(`(${difference(series, window)})`, increase(series));
  // Quantiles do not hang on the height of a histogram, and native ones can't be compared.
  const buckets = native ? increase(durations) : growth(durations);
  const p95 = `histogram_quantile(0.95, sum by (le) (${buckets}))`;
  return {
    requests: `sum(${growth(requests)})`,
    errors: `sum(${growth(errors)})`,
    p95Seconds: durationUnit === 'milliseconds' ? `${p95} / 1000` : p95,
    ageSeconds: ageExpression(requests, range, scrapeIntervalMs),
    resets: `sum(resets(${requests}[${windowMs + RESET_MARGIN_MS}ms]))`,
  };
}

/** When the source was scraped first in the window, in seconds since the epoch. */
export function firstScrapeExpression(
  source: readonly string[],
  range: Range,
  scrapeIntervalMs: number,
): string {
  const window = `[${lengthMs(range)}ms:${stepOf(range, scrapeIntervalMs)}]`;
  const first = source.map((series) => `min_over_time(timestamp(${series})${window})`);
  return `min(${first.join(' or ')})`;
}

function stepOf(range: Range, scrapeIntervalMs: number): string {
  return `${Math.max(scrapeIntervalMs, Math.ceil(lengthMs(range) / 120))}ms`;
}

/** A target that can't be scraped is marked stale and has no timestamp now: then the newest one in the window. */
export function ageExpression(series: string, range: Range, scrapeIntervalMs: number): string {
  const windowMs = lengthMs(range);
  const step = stepOf(range, scrapeIntervalMs);
  return `time() - (max(timestamp(${series})) or max(max_over_time(timestamp(${series})[${windowMs}ms:${step}])))`;
}

/** A value before the window that is higher than the last one in it is of an earlier life of the series: it began at zero since. */
function difference(series: string, window: string): string {
  const last = `last_over_time(${series}[${window}])`;
  const before = `last_over_time(${series}[${BASELINE}] offset ${window})`;
  return `${last} - ((${before} <= ${last}) or ${last} * 0)`;
}

/** Series by series; `increase()` has none for a series with one sample. */
function higherOf(one: string, other: string): string {
  return `(${one} >= ${other}) or ${other} or ${one}`;
}
