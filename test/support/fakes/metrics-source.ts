import { ReleaseError } from '../../../src/contract/errors';
import { MAX_SAMPLES, samplesIn } from '../../../src/domain/plan-samples';
import type { QueryNames } from '../../../src/domain/plan-query';
import { NO_SAMPLES, type Series } from '../../../src/domain/series';
import type {
  MeasuredTrack,
  MetricsSource,
  SeriesQuery,
  WindowQuery,
  WindowSample,
} from '../../../src/ports/metrics-source';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeMetricsSource extends MetricsSource, CallFaults {}

/** A window that every sensible guardrail passes. */
export function healthySample(overrides: Partial<WindowSample> = {}): WindowSample {
  return { requests: 1_000, errors: 0, p95Ms: 20, freshnessMs: 500, queries: [], ...overrides };
}

/** For a script: the source answers, and has no sample of the version. */
export function nothingSeen(): never {
  throw new ReleaseError('METRICS_UNAVAILABLE', 'no sample', { details: { why: NO_SAMPLES } });
}

export type MetricsScript =
  | ((query: WindowQuery) => WindowSample)
  /** Answers in order; the last one repeats. */
  | readonly WindowSample[];

/** Values of the series that a query gives, on the grid of the window: none, one, or several. */
export type SeriesScript = (
  query: SeriesQuery,
  count: number,
) => readonly (readonly (number | null)[])[];

/** Healthy without a script; a series is 0.02 throughout. Nothing was stored before `storedSince`, RFC 3339. */
export function createFakeMetricsSource(
  script: MetricsScript = [],
  series: SeriesScript = (_query, count) => [new Array<number>(count).fill(0.02)],
  storedSince?: string,
): FakeMetricsSource {
  let next = 0;

  function answer(query: WindowQuery): WindowSample {
    const sample = scripted(query);
    const [from, to] = [Date.parse(query.from), Date.parse(query.to)];
    if (storedSince === undefined || Date.parse(storedSince) <= from) return sample;
    if (to - Date.parse(storedSince) < (to - from) / 2) nothingSeen();
    return { ...sample, countedFrom: storedSince };
  }

  function scripted(query: WindowQuery): WindowSample {
    if (typeof script === 'function') {
      return script(query);
    }
    const sample = script[Math.min(next, script.length - 1)];
    next += 1;
    return sample ?? healthySample();
  }

  const faulty = withCallFaults<Omit<MetricsSource, 'namesOf'>>({
    sampleWindow: (query) => Promise.resolve(answer(query)),
    sampleSeries: (query) => Promise.resolve(answerSeries(query, series)),
    ping: () => Promise.resolve(),
  });
  // It only gives names and can't fail; calls recorded are those that ask something.
  return new Proxy(faulty, {
    get: (object, name): unknown => (name === 'namesOf' ? namesOf : Reflect.get(object, name)),
  }) as FakeMetricsSource;
}

function namesOf({ svc, env, digest, track = 'candidate' }: MeasuredTrack): QueryNames {
  const selector = (metric: string): string =>
    `${metric}{service="${svc}",env="${env}",version="${digest}"}`;
  return {
    texts: { track },
    selectors: {
      requests: selector('requests'),
      errors: selector('errors'),
      durations: selector('durations'),
    },
  };
}

function answerSeries(query: SeriesQuery, script: SeriesScript): Series {
  const { from, to, stepMs } = query;
  const startMs = Date.parse(from) + stepMs;
  const count = samplesIn(Date.parse(to) - Date.parse(from), stepMs);
  if (!(count >= 0 && count <= MAX_SAMPLES)) {
    throw new ReleaseError('INVALID_INPUT', `${count} samples`);
  }
  const [first, ...others] = script(query, count);
  if (others.length > 0) {
    throw new ReleaseError('METRICS_UNAVAILABLE', `several series: ${query.query}`);
  }
  return { startMs, stepMs, values: first ?? new Array<null>(count).fill(null) };
}
