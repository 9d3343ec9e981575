import type { AdvisorySeverity } from './advisory';

/**
 * What becomes of an affected digest. block: nothing new of it starts, pulls go on. quarantine: nobody pulls, promotes or admits it.
 */
export const ADVISORY_ACTIONS = ['none', 'block', 'quarantine'] as const;
export type AdvisoryAction = (typeof ADVISORY_ACTIONS)[number];

export interface SeverityRule {
  readonly action: AdvisoryAction;
  /** From when we learned of it until nothing affected may be left. */
  readonly dueMs: number;
}

/**
 * keep: it is blocked at most, until its successor is out, so that nothing cuts running pods off.
 * until-due: likewise, until the clock of the case has run out; then it is quarantined without a grace.
 * cut-off: it is quarantined with the rest, with the grace that the registry gives to what runs.
 */
export const PROD_RULES = ['keep', 'until-due', 'cut-off'] as const;
export type ProdRule = (typeof PROD_RULES)[number];

/** How advisories are answered. Durations in milliseconds. */
export interface AdvisoryPolicy {
  readonly critical: SeverityRule;
  readonly high: SeverityRule;
  /** What becomes of what prod points at or runs where the rest is quarantined. */
  readonly prod: ProdRule;
  /** Whether services hit in prod are rebuilt without asking. */
  readonly rollup: 'automatic' | 'by-hand';
  /** How often an open case is looked at again. */
  readonly recheckMs: number;
  /** The most that a person may add to the clock of a case, once. */
  readonly maxExtensionMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** For a policy that says nothing of it; deploy/policy/default.yaml says the same. */
const DEFAULT_ADVISORIES: AdvisoryPolicy = {
  critical: { action: 'quarantine', dueMs: 24 * HOUR_MS },
  high: { action: 'quarantine', dueMs: 72 * HOUR_MS },
  prod: 'until-due',
  rollup: 'automatic',
  recheckMs: 10 * MINUTE_MS,
  maxExtensionMs: 24 * HOUR_MS,
};

/** Of a policy, which may say nothing of it. */
export function advisoryPolicyOf({
  advisories,
}: {
  readonly advisories?: AdvisoryPolicy;
}): AdvisoryPolicy {
  return advisories ?? DEFAULT_ADVISORIES;
}

/** What is not Critical goes by the rule for High. */
export function ruleOf(policy: AdvisoryPolicy, severity: AdvisorySeverity): SeverityRule {
  return severity === 'CRITICAL' ? policy.critical : policy.high;
}
