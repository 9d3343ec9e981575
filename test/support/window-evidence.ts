import {
  encodeWindowEvidence,
  type EvidenceQuery,
  type WindowEvidence,
} from '../../src/domain/evidence';
import { judgeSamples } from '../../src/domain/judge/judge-samples';
import type { TrackSamples, WindowInput } from '../../src/domain/judge/window-input';
import type { JudgePlan } from '../../src/domain/plan';
import type { Json, Verdict } from '../../src/domain/verdict';
import { fakeDigest } from './api-fixtures';

export const CANDIDATE = fakeDigest('candidate');
export const STABLE = fakeDigest('stable');
const FROM_MS = Date.parse('2026-03-01T11:00:00.000Z');
const STEP_MS = 5_000;
const SAMPLES = 60;
export const WINDOW_MS = STEP_MS * SAMPLES;

export const LATENCY = {
  name: 'p95 latency',
  query: 'latency{version="{{version}}"}',
  worseWhen: 'higher',
  minEffect: 0.05,
} as const;

export const JUDGE: JudgePlan = {
  sampleIntervalMs: STEP_MS,
  minSamples: 10,
  falseAlarmRate: 0.01,
  errors: { minDifference: 0.005 },
  metrics: [LATENCY],
  power: { detect: null, maxLengthening: 3 },
  onInconclusive: { maxExtensions: 1, then: 'fail' },
  onError: { maxExtensions: 1, then: 'fail' },
};

/** Around `level`, a little different at each sample, the same at each call. */
export function latencies(level: number, seed: number): readonly number[] {
  return Array.from({ length: SAMPLES }, (_, n) => {
    const noise = ((n + 1) * 7919 + seed * 104_729) % 1_000;
    return level * (0.9 + noise / 5_000);
  });
}

export function track(
  values: readonly (number | null)[],
  over: Partial<TrackSamples['measurement']> = {},
): TrackSamples {
  return {
    measurement: { requests: 5_000, errors: 5, p95Ms: 120, freshnessMs: 1_000, ...over },
    series: { [LATENCY.name]: { startMs: FROM_MS, stepMs: STEP_MS, values } },
  };
}

export function windowInput(over: Partial<WindowInput> = {}): WindowInput {
  return {
    judge: JUDGE,
    guardrails: { maxErrorRatio: 0.01, maxP95Ms: 500, minRequests: 50 },
    windowMs: WINDOW_MS,
    candidate: track(latencies(0.1, 1)),
    stable: track(latencies(0.1, 2)),
    ...over,
  };
}

/** What a window leaves behind, judged by the real judge. */
export function windowEvidence(
  input: WindowInput = windowInput(),
  over: Partial<WindowEvidence> = {},
): WindowEvidence {
  const queries: readonly EvidenceQuery[] = [
    { metric: LATENCY.name, track: 'candidate', expr: `latency{version="${CANDIDATE}"}` },
    { metric: LATENCY.name, track: 'stable', expr: `latency{version="${STABLE}"}` },
  ];
  return {
    type: 'plura.reg/window-evidence/v1',
    input,
    answer: judgeSamples(input),
    queries,
    policyHash: 'sha256:policy',
    from: new Date(FROM_MS).toISOString(),
    to: new Date(FROM_MS + WINDOW_MS).toISOString(),
    digests: { candidate: CANDIDATE, stable: STABLE },
    ...over,
  };
}

/** As it is read back from the ledger or from a file. */
export function stored(evidence: WindowEvidence): Json {
  return JSON.parse(JSON.stringify(encodeWindowEvidence(evidence))) as Json;
}

export function windowVerdict(
  evidence: WindowEvidence = windowEvidence(),
  over: Partial<Verdict> = {},
): Verdict {
  const { outcome, reasons } = evidence.answer;
  return {
    gate: 'canary',
    subject: '25 %',
    outcome,
    reasons,
    evidence: stored(evidence),
    ...over,
  };
}

/** As 0.2.0 kept it: the measurement and the limits. */
export function measuredVerdict(over: Partial<Verdict> = {}, p95Ms = 120): Verdict {
  return {
    gate: 'canary',
    subject: '5 %',
    outcome: 'pass',
    reasons: [],
    evidence: {
      requests: 1_000,
      errors: 0,
      errorRatio: 0,
      p95Ms,
      freshnessMs: 500,
      limits: { maxErrorRatio: 0.01, maxP95Ms: 500, minRequests: 50, staleAfterMs: 30_000 },
      from: '2026-03-01T11:00:00.000Z',
      to: '2026-03-01T11:05:00.000Z',
      queries: [],
    },
    ...over,
  };
}

/** As the workflow leaves it where nobody answered: without samples. */
export function unmeasuredVerdict(over: Partial<Verdict> = {}): Verdict {
  return {
    gate: 'canary',
    subject: '25 %',
    outcome: 'error',
    reasons: ['could not be measured: Prometheus: connection refused'],
    evidence: {
      code: 'METRICS_UNAVAILABLE',
      from: '2026-03-01T11:00:00.000Z',
      to: '2026-03-01T11:05:00.000Z',
    },
    ...over,
  };
}
