import type { ComparedMetric, JudgePlan, Plan } from './plan';
import type { Guardrails } from './policy';

/** Where a plan lets through what another would not. */
export interface Loosened {
  /** As in a plan file, e.g. `canary.guardrails.maxErrorRatio`. */
  readonly path: string;
  readonly message: string;
}

/**
 * Whoever asks for a release may be stricter with it than its service and the policy are, never easier: else the plan given with
 * a promotion would be a way around every gate.
 */
export function loosenedBy(plan: Plan, standard: Plan): readonly Loosened[] {
  return [
    ...railsOf('canary', plan.canary.guardrails, standard.canary.guardrails),
    ...railsOf('observation', plan.observation.guardrails, standard.observation.guardrails),
    ...stepsOf(plan, standard),
    ...observationOf(plan, standard),
    ...judgeOf(plan.judge, standard.judge),
  ];
}

function more(path: string, own: number, standard: number): readonly Loosened[] {
  return own > standard ? [{ path, message: `${own} is more than ${standard}` }] : [];
}

function less(path: string, own: number, standard: number): readonly Loosened[] {
  return own < standard ? [{ path, message: `${own} is less than ${standard}` }] : [];
}

function railsOf(gate: string, own: Guardrails, standard: Guardrails): readonly Loosened[] {
  const path = `${gate}.guardrails`;
  return [
    ...more(`${path}.maxErrorRatio`, own.maxErrorRatio, standard.maxErrorRatio),
    ...more(`${path}.maxP95`, own.maxP95Ms, standard.maxP95Ms),
    ...less(`${path}.minRequests`, own.minRequests, standard.minRequests),
  ];
}

function stepsOf({ canary }: Plan, { canary: standard }: Plan): readonly Loosened[] {
  const shares = (plan: Plan['canary']): readonly number[] => plan.steps.map((one) => one.percent);
  const total = (plan: Plan['canary']): number =>
    plan.steps.reduce((sum, { windowMs }) => sum + windowMs, 0);
  const [first = 100] = shares(canary);
  const [usual = 100] = shares(standard);
  return [
    ...more('canary.steps[0].percent', first, usual),
    ...less('canary.steps', shares(canary).length, shares(standard).length),
    ...less('canary.steps', total(canary), total(standard)),
  ];
}

function observationOf(
  { observation }: Plan,
  { observation: standard }: Plan,
): readonly Loosened[] {
  const { candidatePercent, windowMs } = observation;
  return [
    ...less('observation.window', windowMs, standard.windowMs),
    ...less('observation.candidatePercent', candidatePercent, standard.candidatePercent),
  ];
}

function judgeOf(own: JudgePlan, standard: JudgePlan): readonly Loosened[] {
  const { errors } = standard;
  return [
    ...less('judge.minSamples', own.minSamples, standard.minSamples),
    ...less('judge.falseAlarmRate', own.falseAlarmRate, standard.falseAlarmRate),
    ...(errors
      ? more(
          'judge.errors.minDifference',
          own.errors?.minDifference ?? Infinity,
          errors.minDifference,
        )
      : []),
    ...standard.metrics.flatMap((metric) => metricOf(own.metrics, metric)),
  ];
}

function metricOf(
  own: readonly ComparedMetric[],
  { name, query, worseWhen, minEffect, required }: ComparedMetric,
): readonly Loosened[] {
  const path = 'judge.metrics';
  const same = own.find((one) => one.name === name);
  if (!same) return [{ path, message: `${name} is left out` }];
  if (required !== false && same.required === false) {
    return [{ path, message: `${name} is no longer required` }];
  }
  return same.query === query && same.worseWhen === worseWhen
    ? more(path, same.minEffect, minEffect)
    : [{ path, message: `${name} is another metric than the service's` }];
}
