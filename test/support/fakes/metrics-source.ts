import type { MetricsSource, WindowQuery, WindowSample } from '../../../src/ports/metrics-source';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeMetricsSource extends MetricsSource, CallFaults {}

/** A window that every sensible guardrail passes. */
export function healthySample(overrides: Partial<WindowSample> = {}): WindowSample {
  return { requests: 1_000, errors: 0, p95Ms: 20, freshnessMs: 500, queries: [], ...overrides };
}

export type MetricsScript =
  | ((query: WindowQuery) => WindowSample)
  /** Answers in order; the last one repeats. */
  | readonly WindowSample[];

/** Healthy without a script. */
export function createFakeMetricsSource(script: MetricsScript = []): FakeMetricsSource {
  let next = 0;

  function answer(query: WindowQuery): WindowSample {
    if (typeof script === 'function') {
      return script(query);
    }
    const sample = script[Math.min(next, script.length - 1)];
    next += 1;
    return sample ?? healthySample();
  }

  return withCallFaults<MetricsSource>({
    sampleWindow: (query) => Promise.resolve(answer(query)),
    ping: () => Promise.resolve(),
  });
}
