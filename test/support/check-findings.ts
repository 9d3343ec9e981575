import type { CheckFacts } from '../../src/domain/continuous-check/decide';
import type { CheckFinding } from '../../src/domain/continuous-check/finding';
import type { CheckPolicy } from '../../src/domain/continuous-check/policy';
import type { Digest } from '../../src/domain/digest';

const digestOf = (letter: string): Digest => `sha256:${letter.repeat(64)}`;

export const STABLE = digestOf('a');
export const BEFORE = digestOf('b');
export const OTHER = digestOf('c');
export const CHECK_NOW = '2026-03-01T12:00:00.000Z';
const HOUR_MS = 3_600_000;

export const CHECK_POLICY: CheckPolicy = {
  rollbacks: { max: 1, withinMs: 24 * HOUR_MS },
  maxServices: 2,
  alertAfter: 3,
};

/** That prod:stable has no signature, but for what is said. */
export function findingOf(over: Partial<CheckFinding> = {}): CheckFinding {
  return {
    check: 'signature',
    result: 'failed',
    where: ['prod:stable', 'prod stable'],
    digest: STABLE,
    reason: 'It has no signature.',
    ...over,
  };
}

/** A quiet service that may be rolled back to BEFORE. */
export function factsOf(over: Partial<CheckFacts> = {}): CheckFacts {
  return {
    stable: STABLE,
    isRollbackResult: false,
    inFlight: null,
    hold: null,
    rolledBackAt: [],
    uncheckedRuns: 0,
    target: { kind: 'verified', digest: BEFORE },
    nowMs: Date.parse(CHECK_NOW),
    ...over,
  };
}

export function hoursAgo(hours: number): string {
  return new Date(Date.parse(CHECK_NOW) - hours * HOUR_MS).toISOString();
}
