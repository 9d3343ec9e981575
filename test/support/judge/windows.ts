import type { WindowInput, TrackSamples } from '../../../src/domain/judge/window-input';
import type { JudgePlan, ComparedMetric } from '../../../src/domain/plan';
import type { Guardrails } from '../../../src/domain/policy';
import type { VerdictOutcome } from '../../../src/domain/verdict';
import type { Draw } from './draws';
import { binomial, type Random } from './random';

export const STEP_MS = 15_000;
const START_MS = 1_760_000_000_000;

export const LATENCY: ComparedMetric = {
  name: 'latency',
  query:
    'histogram_quantile(0.95, sum by (le) (rate(latency_bucket{digest="{{version}}"}[{{window}}])))',
  worseWhen: 'higher',
  minEffect: 0.05,
};

export const JUDGE: JudgePlan = {
  sampleIntervalMs: STEP_MS,
  minSamples: 20,
  falseAlarmRate: 0.01,
  errors: { minDifference: 0.002 },
  metrics: [LATENCY],
  power: { detect: null, maxLengthening: 2 },
  onInconclusive: { maxExtensions: 1, then: 'hold' },
  onError: { maxExtensions: 1, then: 'hold' },
};

export const GUARDRAILS: Guardrails = { maxErrorRatio: 0.05, maxP95Ms: 1_000, minRequests: 100 };

export interface SimulatedTrack {
  readonly requests?: number;
  readonly errorRatio?: number;
  readonly p95Ms?: number;
  readonly freshnessMs?: number;
  readonly series: Readonly<Record<string, Draw>>;
}

export interface SimulatedWindow {
  readonly candidate: SimulatedTrack;
  readonly stable: SimulatedTrack | null;
  /** Percent of the traffic that the candidate takes. */
  readonly share?: number;
  readonly judge?: Partial<JudgePlan>;
}

export interface SimulatedService extends SimulatedWindow {
  readonly name: string;
  readonly expected: VerdictOutcome;
  /** What some reason of the answer says. */
  readonly because?: RegExp;
}

function drawTrack(track: SimulatedTrack, random: Random): TrackSamples {
  const { requests = 5_000, errorRatio = 0.001, p95Ms = 100, freshnessMs = 1_000 } = track;
  const series = Object.entries(track.series).map(([name, draw]) => {
    return [name, { startMs: START_MS, stepMs: STEP_MS, values: draw(random) }] as const;
  });
  return {
    measurement: {
      requests,
      errors: binomial(random, requests, errorRatio),
      p95Ms: requests > 0 ? p95Ms : null,
      freshnessMs,
    },
    series: Object.fromEntries(series),
  };
}

/** At its end, after looks at checkpoints. */
export function drawWindow(window: SimulatedWindow, random: Random): WindowInput {
  return {
    judge: { ...JUDGE, ...window.judge },
    guardrails: GUARDRAILS,
    windowMs: 60 * STEP_MS,
    look: 1,
    ...(window.share !== undefined && { share: window.share }),
    candidate: drawTrack(window.candidate, random),
    stable: window.stable && drawTrack(window.stable, random),
  };
}
