import type { JudgePlan, ObservationPlan, Plan, Undecided } from './plan';
import { samplesIn } from './plan-samples';
import type { Guardrails } from './policy';
import type { Environment } from './reference';

/** One window of a release, in the order in which they are passed. */
export interface PlannedWindow {
  readonly gate: 'canary' | 'observation';
  readonly env: Environment;
  /** Where a plan file sets its length, e.g. `canary.steps[0].window`. */
  readonly path: string;
  readonly percent: number;
  readonly windowMs: number;
  /** Lengthened and extended as often as may be. */
  readonly maxMs: number;
  readonly checkpointMs: number;
  /** Of each compared metric and side, when none is missing. */
  readonly samples: number;
  readonly guardrails: Guardrails;
  /** Requests a second of the whole service that give the candidate, and stable to compare errors with, `minRequests`; null without a window. */
  readonly requestsPerSecond: number | null;
  readonly onInconclusive: Undecided;
  readonly onError: Undecided;
}

export interface PlanTimes {
  /** All windows pass at once. */
  readonly bestMs: number;
  /** All are lengthened and extended as often as may be; a hold has no end but the release's. */
  readonly worstMs: number;
  readonly mayHold: boolean;
}

/** What follows when a window of the gate can't be decided. */
export function undecidedOf(
  { observation, judge }: Plan,
  gate: PlannedWindow['gate'],
  outcome: 'inconclusive' | 'error',
): Undecided {
  const own: Pick<ObservationPlan, 'onInconclusive' | 'onError'> =
    gate === 'observation' ? observation : {};
  return outcome === 'error'
    ? (own.onError ?? judge.onError)
    : (own.onInconclusive ?? judge.onInconclusive);
}

/** The canary runs in stg, the observation in prod. */
export function windowsOf(plan: Plan): readonly PlannedWindow[] {
  const { canary, observation } = plan;
  return [
    ...canary.steps.map(({ percent, windowMs }, index) =>
      describeWindow(plan, canary, {
        gate: 'canary',
        env: 'stg',
        path: `canary.steps[${index}].window`,
        percent,
        windowMs,
      }),
    ),
    describeWindow(plan, observation, {
      gate: 'observation',
      env: 'prod',
      path: 'observation.window',
      percent: observation.candidatePercent,
      windowMs: observation.windowMs,
    }),
  ];
}

function describeWindow(
  plan: Plan,
  { checkpointMs, guardrails }: Pick<PlannedWindow, 'checkpointMs' | 'guardrails'>,
  window: Pick<PlannedWindow, 'gate' | 'env' | 'path' | 'percent' | 'windowMs'>,
): PlannedWindow {
  const { gate, percent, windowMs } = window;
  const onInconclusive = undecidedOf(plan, gate, 'inconclusive');
  const onError = undecidedOf(plan, gate, 'error');
  const extensions = Math.max(onInconclusive.maxExtensions, onError.maxExtensions);
  return {
    gate,
    env: window.env,
    path: window.path,
    percent,
    windowMs,
    maxMs: Math.round(longestMs(plan.judge, windowMs) * (1 + extensions)),
    checkpointMs,
    samples: samplesIn(windowMs, plan.judge.sampleIntervalMs),
    guardrails,
    requestsPerSecond:
      windowMs === 0
        ? null
        : guardrails.minRequests / ((windowMs / 1000) * (leastPercent(plan.judge, percent) / 100)),
    onInconclusive,
    onError,
  };
}

/** Of the traffic, that the track with less of it takes, of those that need some. */
export function leastPercent({ errors }: Pick<JudgePlan, 'errors'>, percent: number): number {
  return errors === null || percent >= 100 ? percent : Math.min(percent, 100 - percent);
}

/** Lengthened to what a series needs, or for a regression that it must be able to show, which is not known before. */
function longestMs(judge: JudgePlan, windowMs: number): number {
  const { power, metrics, minSamples, sampleIntervalMs } = judge;
  if (metrics.length === 0) return windowMs;
  const limitMs = windowMs * power.maxLengthening;
  if (power.detect !== null) return limitMs;
  return Math.min(limitMs, Math.max(windowMs, minSamples * sampleIntervalMs));
}

export function timesOf(plan: Plan): PlanTimes {
  const windows = windowsOf(plan);
  return {
    bestMs: windows.reduce((sum, { windowMs }) => sum + windowMs, 0),
    worstMs: windows.reduce((sum, { maxMs }) => sum + maxMs, 0),
    mayHold: windows.some(
      ({ onInconclusive, onError }) => onInconclusive.then === 'hold' || onError.then === 'hold',
    ),
  };
}
