import { ReleaseError } from '../src/contract/errors';
import type { CheckFinding, Where } from '../src/domain/continuous-check/finding';

/**
 * Why one thing could not be looked at: no refusal of one part may keep the other services from being checked. What stands in
 * the way of all of them, and a bug, is thrown on.
 */
export function localReason(error: unknown): string {
  if (error instanceof ReleaseError && error.code !== 'LEDGER_UNAVAILABLE') return error.message;
  throw error;
}

export function unknownAt(
  check: CheckFinding['check'],
  where: Where,
  reason: string,
): CheckFinding {
  return { check, result: 'could-not-check', where: [where], digest: null, reason };
}
