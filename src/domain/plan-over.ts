import type { JudgePlan, Plan } from './plan';
import type { GivenPlan } from './plan-given';
import { planOf, type PlanInput } from './plan-of';

/**
 * The plan given with a promotion, over the standard of its service. How the standard samples, and what it compares by itself, follow from
 * its windows and stay as they are: with the windows given they would be other samples. What is compared beside the standard's has its
 * own part of the false-alarm rate, so that it takes nothing from the standard's tests.
 */
export function planOver(standard: Plan, input: PlanInput & { readonly given: GivenPlan }): Plan {
  const { sampleIntervalMs, metrics } = standard.judge;
  const plan = planOf({
    ...input,
    given: { ...input.given, judge: { sampleIntervalMs, metrics, ...input.given.judge } },
  });
  const usual = testsOf(standard.judge);
  const added = testsOf(plan.judge).filter((name) => !usual.includes(name));
  return added.length === 0 ? plan : { ...plan, judge: { ...plan.judge, added } };
}

function testsOf({ errors, metrics }: JudgePlan): readonly string[] {
  return [...(errors ? ['errors'] : []), ...metrics.map(({ name }) => name)];
}
