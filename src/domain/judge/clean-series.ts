import type { Series } from '../series';

/** A usable sample at its place on the grid. */
export interface Placed {
  /** Steps since the epoch. */
  readonly index: number;
  readonly value: number;
}

/** A series without what can't be used, and how much of each kind that was. */
export interface CleanSeries {
  readonly stepMs: number;
  /** Places on the grid. */
  readonly places: number;
  readonly samples: readonly Placed[];
  readonly missing: number;
  readonly nan: number;
  readonly infinite: number;
  /** Differences taken over a reset of their counter. */
  readonly resets: number;
  /** From the newest sample, NaN included, to the last place of the grid. */
  readonly endAgeMs: number;
}

/** A window with more holes than this was not measured. */
const MAX_HOLES = 0.5;
/** More negative values than this aren't resets, but what the metric is like. */
const MAX_RESETS = 0.1;

/**
 * NaN is what Prometheus answers for a ratio or a quantile of no requests: too little to judge, but measured. Null and infinities are
 * holes. Other values stay as they are, outliers too: a rank test copes with them.
 */
export function cleanSeries({ startMs, stepMs, values }: Series): CleanSeries {
  const firstIndex = Math.round(startMs / stepMs);
  const finite: Placed[] = [];
  let missing = 0;
  let nan = 0;
  let newest = -1;
  for (const [i, value] of values.entries()) {
    if (value === null) {
      missing += 1;
      continue;
    }
    newest = i;
    if (Number.isFinite(value)) finite.push({ index: firstIndex + i, value });
    else if (Number.isNaN(value)) nan += 1;
  }
  const samples = withoutResets(finite);
  return {
    stepMs,
    places: values.length,
    samples,
    missing,
    nan,
    infinite: values.length - missing - nan - finite.length,
    resets: finite.length - samples.length,
    endAgeMs: (values.length - 1 - newest) * stepMs,
  };
}

/** A fall below zero, further than any other value lies above it, is the whole counter that a restart took away. */
function withoutResets(samples: readonly Placed[]): readonly Placed[] {
  const highest = samples.reduce((most, { value }) => Math.max(most, value), 0);
  const kept = samples.filter(({ value }) => value >= 0 || value >= -highest);
  return samples.length - kept.length <= MAX_RESETS * samples.length ? kept : samples;
}

/** Why this says nothing about the window, or null when it does. */
export function whyUnmeasured(series: CleanSeries, staleAfterMs: number): string | null {
  const { places, missing, infinite, resets, endAgeMs, stepMs } = series;
  if (places === 0 || missing === places) return 'has no sample in the window';
  if (!(stepMs > 0)) return `has a step of ${stepMs} ms`;
  const holes = missing + infinite + resets;
  if (holes > MAX_HOLES * places) return `has holes at ${holes} of ${places} moments`;
  if (endAgeMs > staleAfterMs) {
    return `ended ${endAgeMs} ms before the window, limit ${staleAfterMs} ms`;
  }
  return null;
}
