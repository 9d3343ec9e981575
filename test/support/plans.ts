import { planOf } from '../../src/domain/plan-of';
import type { Plan } from '../../src/domain/plan';
import type { GivenPlan } from '../../src/domain/plan-given';
import type { Policy } from '../../src/domain/policy';
import { POLICY } from './api-fixtures';

const MINUTE = 60_000;
const GUARDRAILS = { maxErrorRatio: 0.01, maxP95Ms: 500, minRequests: 10 };

/** Windows as long as those of the standard. */
export const PLAN_POLICY: Policy = {
  ...POLICY,
  canary: {
    stepsPercent: [5, 25, 100],
    windowMs: 5 * MINUTE,
    checkpointMs: 15_000,
    maxExtensions: 2,
    guardrails: GUARDRAILS,
  },
  observation: {
    candidatePercent: 10,
    windowMs: 15 * MINUTE,
    checkpointMs: 30_000,
    maxExtensions: 1,
    guardrails: GUARDRAILS,
  },
  timeouts: { ...POLICY.timeouts, releaseMs: 6 * 60 * MINUTE },
};

export function planWith(given: GivenPlan = {}, policy: Policy = PLAN_POLICY): Plan {
  return planOf({ policy, service: {}, given });
}
