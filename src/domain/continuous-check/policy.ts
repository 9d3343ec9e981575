/** How far the continuous check may go by itself. Durations in milliseconds. */
export interface CheckPolicy {
  /** Rollbacks of one service that it makes by itself, in any stretch of so long. `max` 0: it only tells. */
  readonly rollbacks: { readonly max: number; readonly withinMs: number };
  /** Services that may fail in one run. If more do, the fault is hardly theirs, and none is touched. */
  readonly maxServices: number;
  /** Runs in a row that could not check a service, before people are told. */
  readonly alertAfter: number;
}

const DAY_MS = 86_400_000;

/** For a policy that says nothing of it; deploy/policy/default.yaml says the same. */
const DEFAULT_CHECK: CheckPolicy = {
  rollbacks: { max: 1, withinMs: DAY_MS },
  maxServices: 5,
  alertAfter: 3,
};

/** Of a policy, which may say nothing of it. */
export function checkPolicyOf({
  continuousCheck,
}: {
  readonly continuousCheck?: CheckPolicy;
}): CheckPolicy {
  return continuousCheck ?? DEFAULT_CHECK;
}
