import type { ReleaseInput } from '../../src/contract/messages';
import type { CanaryStep, Plan } from '../../src/domain/plan';
import { undecidedOf } from '../../src/domain/plan-windows';
import type { Guardrails } from '../../src/domain/policy';
import type { WindowRules } from '../../src/domain/window';
import type { Serving } from './release-run';
import type { Comparison, WindowPlan } from './windows';

type Rules = Pick<WindowPlan, 'rules' | 'guardrails' | 'comparison' | 'served'>;

export function canarySteps({ plan, policy }: ReleaseInput): readonly CanaryStep[] {
  const { stepsPercent, windowMs } = policy.canary;
  return plan ? plan.canary.steps : stepsPercent.map((percent) => ({ percent, windowMs }));
}

/** The share of prod's traffic that a candidate takes, and for how long. */
export function observed({ plan, policy }: ReleaseInput): CanaryStep {
  const { candidatePercent, windowMs } = plan ? plan.observation : policy.observation;
  return { percent: candidatePercent, windowMs };
}

function byPolicy({ policy }: ReleaseInput, gate: WindowPlan['gate']): Rules {
  const { guardrails, windowMs, checkpointMs, maxExtensions } = policy[gate];
  return { guardrails, rules: { windowMs, checkpointMs, maxExtensions } };
}

function comparisonOf(
  plan: Plan,
  gate: WindowPlan['gate'],
): Pick<Comparison, 'judge' | 'undecided'> {
  return {
    judge: plan.judge,
    undecided: {
      inconclusive: undecidedOf(plan, gate, 'inconclusive'),
      error: undecidedOf(plan, gate, 'error'),
    },
  };
}

function byPlan(
  plan: Plan,
  gate: WindowPlan['gate'],
  { percent, windowMs, serving }: CanaryStep & { readonly serving: Serving },
): Rules {
  const { checkpointMs, guardrails }: { checkpointMs: number; guardrails: Guardrails } =
    gate === 'canary' ? plan.canary : plan.observation;
  const comparison = comparisonOf(plan, gate);
  const { inconclusive, error } = comparison.undecided;
  const rules: WindowRules = {
    windowMs,
    checkpointMs,
    maxExtensions: {
      inconclusive: inconclusive.maxExtensions,
      error: error.maxExtensions,
    },
    paced: true,
  };
  // With all the traffic on the candidate, or nothing stable beside it, there is nothing to compare with.
  const alone = serving.track === 'stable' || serving.previous === null;
  const stable = alone || percent >= 100 ? null : serving.previous;
  const { since } = serving;
  return {
    rules,
    guardrails,
    comparison: { ...comparison, stable, alone },
    served: { percent, since },
  };
}

/** By the plan of the release; one that came without goes by its policy. */
export function planWindow(
  input: ReleaseInput,
  window: Pick<WindowPlan, 'gate' | 'subject' | 'env' | 'digest' | 'startedAtMs'>,
  step: CanaryStep & { readonly serving: Serving },
): WindowPlan {
  const { plan } = input;
  const rules = plan ? byPlan(plan, window.gate, step) : byPolicy(input, window.gate);
  return { ...window, ...rules };
}
