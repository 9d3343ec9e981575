import type { CanaryPlan, JudgePlan, ObservationPlan, Plan } from './plan';
import { defaultCanary, defaultJudge, defaultMetrics, defaultObservation } from './plan-defaults';
import type { GivenPlan } from './plan-given';
import type { Policy } from './policy';
import type { Service } from './service';

export interface PlanInput {
  readonly policy: Pick<Policy, 'canary' | 'observation'>;
  readonly service: Pick<Service, 'plan'>;
  /** Given with the promotion; null without one. */
  readonly given: GivenPlan | null;
}

/** The plan of a release: the policy and the defaults of the judge, the service's plan over them, the given one over that. */
export function planOf({ policy, service, given }: PlanInput): Plan {
  const layers: readonly GivenPlan[] = [service.plan ?? {}, given ?? {}];
  const stepMs = policy.canary.windowMs;
  const canary = layers.reduce(
    (base, layer) => mergeCanary(base, layer, stepMs),
    defaultCanary(policy),
  );
  const observation = layers.reduce(mergeObservation, defaultObservation(policy));
  const steps = [
    ...canary.steps,
    { percent: observation.candidatePercent, windowMs: observation.windowMs },
  ].filter(({ windowMs }) => windowMs > 0);
  const windowsMs = steps.map(({ windowMs }) => windowMs);
  const judge = layers.reduce<OpenJudge>(mergeJudge, {
    ...defaultJudge(windowsMs, policy),
    metrics: null,
  });
  // With all the traffic there is nothing to compare with.
  const comparedMs = steps.filter(({ percent }) => percent < 100).map(({ windowMs }) => windowMs);
  const metrics = judge.metrics ?? defaultMetrics(comparedMs, judge);
  return {
    apiVersion: 'plura.reg/plan/v1',
    canary,
    observation,
    judge: { ...judge, metrics },
  };
}

function mergeCanary(base: CanaryPlan, { canary }: GivenPlan, stepMs: number): CanaryPlan {
  if (!canary) return base;
  const { steps, guardrails, ...rest } = canary;
  return {
    ...base,
    ...rest,
    guardrails: { ...base.guardrails, ...guardrails },
    ...(steps && {
      steps: steps.map(({ percent, windowMs = stepMs }) => ({ percent, windowMs })),
    }),
  };
}

/** What a layer says of all windows holds for the observation too, unless the same layer says otherwise. */
function mergeObservation(
  base: Required<ObservationPlan>,
  { observation, judge }: GivenPlan,
): Required<ObservationPlan> {
  const { guardrails, onInconclusive, onError, ...rest } = observation ?? {};
  return {
    ...base,
    ...rest,
    guardrails: { ...base.guardrails, ...guardrails },
    onInconclusive: { ...base.onInconclusive, ...judge?.onInconclusive, ...onInconclusive },
    onError: { ...base.onError, ...judge?.onError, ...onError },
  };
}

/** Metrics are null until a layer names some. */
type OpenJudge = Omit<JudgePlan, 'metrics'> & { readonly metrics: JudgePlan['metrics'] | null };

function mergeJudge(base: OpenJudge, { judge }: GivenPlan): OpenJudge {
  if (!judge) return base;
  return {
    ...base,
    ...judge,
    power: { ...base.power, ...judge.power },
    onInconclusive: { ...base.onInconclusive, ...judge.onInconclusive },
    onError: { ...base.onError, ...judge.onError },
  };
}
