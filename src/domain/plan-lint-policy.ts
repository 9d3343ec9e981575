import type { Plan } from './plan';
import { durationText } from './plan-duration';
import { percentText, type PlanFinding } from './plan-finding';
import { timesOf, windowsOf } from './plan-windows';
import type { Guardrails, Policy } from './policy';

export type LintPolicy = Pick<Policy, 'canary' | 'observation' | 'timeouts'>;

/** Where a plan asks for less than the policy, and whether a release has the time for it. */
export function lintAgainstPolicy(plan: Plan, policy: LintPolicy): readonly PlanFinding[] {
  return [
    ...looserRails('canary', plan.canary.guardrails, policy.canary.guardrails),
    ...looserRails('observation', plan.observation.guardrails, policy.observation.guardrails),
    ...lintShare(plan, policy),
    ...lintLengths(plan, policy),
    ...lintTimes(plan, policy),
  ];
}

function looserRails(
  gate: 'canary' | 'observation',
  own: Guardrails,
  policy: Guardrails,
): readonly PlanFinding[] {
  const looser = (name: string, value: string, standard: string): PlanFinding => ({
    path: `${gate}.guardrails.${name}`,
    severity: 'warning',
    message: `${value} is looser than the policy's ${standard}`,
    remedy: 'leave it to the policy, unless the service has a reason',
  });
  return [
    ...(own.maxErrorRatio > policy.maxErrorRatio
      ? [looser('maxErrorRatio', percentText(own.maxErrorRatio), percentText(policy.maxErrorRatio))]
      : []),
    ...(own.maxP95Ms > policy.maxP95Ms
      ? [looser('maxP95', durationText(own.maxP95Ms), durationText(policy.maxP95Ms))]
      : []),
    ...(own.minRequests < policy.minRequests
      ? [looser('minRequests', String(own.minRequests), String(policy.minRequests))]
      : []),
  ];
}

function lintShare({ canary }: Plan, policy: LintPolicy): readonly PlanFinding[] {
  const first = canary.steps[0]?.percent ?? 0;
  const standard = policy.canary.stepsPercent[0] ?? 100;
  if (first <= standard) return [];
  return [
    {
      path: 'canary.steps[0].percent',
      severity: 'warning',
      message: `an unknown version takes ${first} % of the traffic at once, ${standard} % by the policy`,
      remedy: `begin with ${standard} or less`,
    },
  ];
}

function lintLengths(plan: Plan, policy: LintPolicy): readonly PlanFinding[] {
  return windowsOf(plan).flatMap(({ gate, path, windowMs }): readonly PlanFinding[] => {
    const standard = policy[gate].windowMs;
    // A window of 0s has its own finding.
    if (windowMs === 0 || windowMs >= standard) return [];
    return [
      {
        path,
        severity: 'warning',
        message: `${durationText(windowMs)} is shorter than the policy's ${durationText(standard)}`,
        remedy: 'leave it to the policy, unless the service has the traffic to be judged sooner',
      },
    ];
  });
}

function lintTimes(plan: Plan, { timeouts }: LintPolicy): readonly PlanFinding[] {
  const { bestMs, worstMs } = timesOf(plan);
  const never = bestMs > timeouts.releaseMs;
  if (!never && worstMs <= timeouts.releaseMs) return [];
  const limit = durationText(timeouts.releaseMs);
  return [
    {
      path: 'canary.steps',
      severity: never ? 'error' : 'warning',
      message: never
        ? `all windows together last ${durationText(bestMs)}, and a release ends after ${limit}`
        : `extended, all windows together last ${durationText(worstMs)}, and a release ends after ${limit}`,
      remedy: 'shorten the windows, or allow fewer extensions',
    },
  ];
}
