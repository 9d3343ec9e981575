import { ReleaseError } from '../../contract/errors';
import { MAX_SAMPLES, samplesIn } from '../../domain/plan-samples';
import type { Series } from '../../domain/series';
import type { SeriesQuery } from '../../ports/metrics-source';
import { queryRange, type PrometheusOptions } from './prometheus-http';

interface SeriesOptions extends PrometheusOptions {
  readonly scrapeIntervalMs: number;
}

interface Grid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
}

/** A range query on the grid of the window. Where Prometheus has no value at a moment, it gives no point. */
export async function sampleSeries(options: SeriesOptions, query: SeriesQuery): Promise<Series> {
  const grid = gridOf(query);
  const { startMs, stepMs, count } = grid;
  if (count === 0) return { startMs, stepMs, values: [] };
  const points = await queryRange(options, {
    expr: query.query,
    startMs,
    endMs: startMs + (count - 1) * stepMs,
    stepMs,
    // By itself it would repeat a value for five minutes after it was seen last.
    lookbackMs: Math.max(stepMs, 2 * options.scrapeIntervalMs),
  });
  const values = new Array<number | null>(count).fill(null);
  for (const { atMs, value } of points) {
    const index = Math.round((atMs - startMs) / stepMs);
    if (index >= 0 && index < count) values[index] = value;
  }
  return { startMs, stepMs, values };
}

function gridOf({ from, to, stepMs }: SeriesQuery): Grid {
  const fromMs = Date.parse(from);
  const count = samplesIn(Date.parse(to) - fromMs, stepMs);
  if (Number.isInteger(stepMs) && stepMs > 0 && count >= 0 && count <= MAX_SAMPLES) {
    return { startMs: fromMs + stepMs, stepMs, count };
  }
  throw new ReleaseError(
    'INVALID_INPUT',
    `From ${from} to ${to} a sample every ${stepMs} ms is ${count} samples, and at most ${MAX_SAMPLES} can be read`,
    {
      details: { field: 'stepMs', remedy: 'change judge.sampleInterval or the window of the plan' },
    },
  );
}
