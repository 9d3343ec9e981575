import type { CanaryPlan, Plan, Undecided } from './plan';
import { durationText } from './plan-duration';
import { less, more, other, type Loosened } from './plan-loosened-by';
import { judgeLoosened } from './plan-loosened-judge';
import { undecidedOf } from './plan-windows';
import type { Guardrails } from './policy';

/**
 * Whoever asks for a release may be stricter with it than its service and the policy are, never easier: else the plan given with
 * a promotion would be a way around every gate. No window that the standard fails is let pass, and none is failed later for want of
 * requests or samples: with more of them needed, early aborts would wait. Longer windows may delay a decision.
 */
export function loosenedBy(plan: Plan, standard: Plan): readonly Loosened[] {
  return [
    ...railsOf('canary', plan.canary.guardrails, standard.canary.guardrails),
    ...railsOf('observation', plan.observation.guardrails, standard.observation.guardrails),
    ...stepsOf(plan.canary, standard.canary),
    ...checkpointOf('canary', plan.canary, standard.canary),
    ...checkpointOf('observation', plan.observation, standard.observation),
    ...observationOf(plan, standard),
    ...undecidedLoosened(plan, standard),
    ...judgeLoosened(plan.judge, standard.judge),
  ];
}

function railsOf(gate: string, own: Guardrails, standard: Guardrails): readonly Loosened[] {
  const path = `${gate}.guardrails`;
  return [
    ...more(`${path}.maxErrorRatio`, own.maxErrorRatio, standard.maxErrorRatio),
    ...more(`${path}.maxP95`, own.maxP95Ms, standard.maxP95Ms, durationText),
    ...other(`${path}.minRequests`, own.minRequests, standard.minRequests),
  ];
}

/**
 * Each share of the standard has to be passed, in a window at least as long. Steps beside these are free: a share between two of
 * them comes when the standard would already give the larger one.
 */
function stepsOf(own: CanaryPlan, standard: CanaryPlan): readonly Loosened[] {
  return standard.steps.flatMap(({ percent, windowMs }): readonly Loosened[] => {
    const index = own.steps.findIndex((step) => step.percent === percent);
    const step = own.steps[index];
    if (!step) return [{ path: 'canary.steps', message: `the step of ${percent} % is left out` }];
    return less(`canary.steps[${index}].window`, step.windowMs, windowMs, durationText);
  });
}

/** Looked at more rarely, a breach would reach users for longer. */
function checkpointOf(
  gate: string,
  own: { readonly checkpointMs: number },
  standard: { readonly checkpointMs: number },
): readonly Loosened[] {
  return more(`${gate}.checkpoint`, own.checkpointMs, standard.checkpointMs, durationText);
}

/** Less traffic shows less; more of it harms more people, and with all of it nothing is left to be compared with. */
function observationOf(
  { observation }: Plan,
  { observation: standard }: Plan,
): readonly Loosened[] {
  const { candidatePercent, windowMs, traffic } = observation;
  const isDriven = traffic === 'drive' && standard.traffic !== 'drive';
  return [
    ...less('observation.window', windowMs, standard.windowMs, durationText),
    ...other('observation.candidatePercent', candidatePercent, standard.candidatePercent),
    ...(isDriven
      ? [{ path: 'observation.traffic', message: 'drive lets scenarios act in prod' }]
      : []),
  ];
}

function undecidedLoosened(plan: Plan, standard: Plan): readonly Loosened[] {
  return (
    [
      ['canary', 'judge'],
      ['observation', 'observation'],
    ] as const
  ).flatMap(([gate, path]) =>
    (['inconclusive', 'error'] as const).flatMap((outcome) =>
      ruleOf(
        `${path}.${outcome === 'error' ? 'onError' : 'onInconclusive'}`,
        undecidedOf(plan, gate, outcome),
        undecidedOf(standard, gate, outcome),
      ),
    ),
  );
}

/** Held, what can't be judged keeps its traffic. */
function ruleOf(path: string, own: Undecided, standard: Undecided): readonly Loosened[] {
  const isHeld = own.then === 'hold' && standard.then === 'fail';
  return [
    ...more(`${path}.maxExtensions`, own.maxExtensions, standard.maxExtensions),
    ...(isHeld
      ? [{ path: `${path}.then`, message: 'hold keeps the traffic where fail ends it' }]
      : []),
  ];
}
