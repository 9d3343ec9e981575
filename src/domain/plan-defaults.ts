import type { CanaryPlan, ComparedMetric, JudgePlan, ObservationPlan, Undecided } from './plan';
import { samplesIn } from './plan-samples';
import type { Policy } from './policy';

const SAMPLE_INTERVAL_MS = 15_000;
/** A window is never cut into fewer samples than these. */
const LEAST_SAMPLES = 4;

/**
 * The latency of the router, which every rollout target has. Not required: a quiet service has no latency to compare, and nobody
 * has asked for it. A regression that it shows counts all the same.
 */
export const P95_LATENCY: ComparedMetric = {
  name: 'p95 latency',
  query: 'histogram_quantile(0.95, sum by (le) (rate({{durations}}[{{window}}])))',
  worseWhen: 'higher',
  minEffect: 0.05,
  required: false,
};

export function defaultCanary({ canary }: Pick<Policy, 'canary'>): CanaryPlan {
  const { stepsPercent, windowMs, checkpointMs, guardrails } = canary;
  return {
    steps: stepsPercent.map((percent) => ({ percent, windowMs })),
    checkpointMs,
    guardrails,
  };
}

export function defaultObservation({
  observation,
}: Pick<Policy, 'observation'>): Required<ObservationPlan> {
  const { candidatePercent, windowMs, checkpointMs, guardrails, maxExtensions } = observation;
  return {
    candidatePercent,
    windowMs,
    checkpointMs,
    guardrails,
    traffic: 'none',
    onInconclusive: failAfter(maxExtensions),
    onError: failAfter(maxExtensions),
  };
}

/** All but the metrics: whether one is compared by itself hangs on what the merged windows yield. */
export function defaultJudge(
  windowsMs: readonly number[],
  { canary }: Pick<Policy, 'canary'>,
): Omit<JudgePlan, 'metrics'> {
  return {
    sampleIntervalMs: defaultSampleIntervalMs(windowsMs),
    minSamples: 16,
    falseAlarmRate: 0.01,
    errors: { minDifference: 0.005 },
    power: { detect: null, maxLengthening: 3 },
    onInconclusive: failAfter(canary.maxExtensions),
    onError: failAfter(canary.maxExtensions),
  };
}

/** p95 latency, unless a window is too short to say anything about it: that would hold up every release. */
export function defaultMetrics(
  windowsMs: readonly number[],
  { sampleIntervalMs, minSamples }: Pick<JudgePlan, 'sampleIntervalMs' | 'minSamples'>,
): readonly ComparedMetric[] {
  const samples = windowsMs.map((windowMs) => samplesIn(windowMs, sampleIntervalMs));
  return samples.length > 0 && samples.every((count) => count >= minSamples) ? [P95_LATENCY] : [];
}

function defaultSampleIntervalMs(windowsMs: readonly number[]): number {
  const shortest = Math.min(...windowsMs);
  return Math.max(1, Math.min(SAMPLE_INTERVAL_MS, Math.floor(shortest / LEAST_SAMPLES)));
}

function failAfter(maxExtensions: number): Undecided {
  return { maxExtensions, then: 'fail' };
}
