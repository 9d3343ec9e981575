import { ReleaseError, type ErrorCode } from '../src/contract/errors';
import type { CheckFinding, Where } from '../src/domain/continuous-check/finding';

/** What a part that is down has to say; anything else is a bug, or stands in the way of everything. */
export function reasonIfDown(error: unknown, ...codes: readonly ErrorCode[]): string {
  if (error instanceof ReleaseError && codes.includes(error.code)) return error.message;
  throw error;
}

export function unknownAt(
  check: CheckFinding['check'],
  where: Where,
  reason: string,
): CheckFinding {
  return { check, result: 'could-not-check', where: [where], digest: null, reason };
}
