import { stateOf, type Exception, type ExceptionRequest } from './exception';
import type { ExceptionPolicy } from './policy';
import { mayBeSamePerson } from './same-person';

/** Why an exception may not be asked for or approved like this. */
export interface ExceptionFault {
  /** forbidden: by this person; conflict: it is not in a state for it; else the request is at fault. */
  readonly kind: 'invalid' | 'forbidden' | 'conflict';
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

const HOUR_MS = 3_600_000;

function longestOf({ kind }: Pick<Exception, 'kind'>, policy: ExceptionPolicy): number {
  return kind === 'break-glass' ? policy.breakGlassMaxMs : policy.maxDurationMs;
}

function describeHours(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  return hours >= 48 ? `${Math.floor(hours / 24)}d` : `${hours}h`;
}

/** Null when it may be asked for. */
export function judgeRequest(
  request: Pick<ExceptionRequest, 'kind' | 'expiresAt'>,
  policy: ExceptionPolicy,
  nowMs: number,
): ExceptionFault | null {
  const lastsMs = Date.parse(request.expiresAt) - nowMs;
  const longestMs = longestOf(request, policy);
  const fault = { kind: 'invalid', field: 'expires' } as const;
  if (!(lastsMs > 0)) {
    const message = `It would have ended already, at ${request.expiresAt}`;
    return {
      ...fault,
      message,
      remedy: 'a date means midnight UTC at its start; name a later one',
    };
  }
  if (lastsMs > longestMs) {
    const most = describeHours(longestMs);
    const what = request.kind === 'break-glass' ? 'A break-glass exception' : 'An exception';
    return {
      ...fault,
      message: `${what} may last ${most} at most`,
      remedy: 'ask for less, and again when that is over',
    };
  }
  return null;
}

/** Four eyes: neither who asked nor who answers for it. Null when `approver` may approve it now. */
export function judgeApproval(
  exception: Exception,
  approver: string,
  policy: ExceptionPolicy,
  nowMs: number,
): ExceptionFault | null {
  const state = stateOf(exception, nowMs);
  const { requestedBy, owner } = exception;
  if (state !== 'requested') {
    const message = `Exception ${exception.id} is ${state}`;
    return { kind: 'conflict', field: 'id', message, remedy: 'request a new one' };
  }
  const hasAsked = mayBeSamePerson(approver, requestedBy);
  if (hasAsked || mayBeSamePerson(approver, owner)) {
    const role = hasAsked ? 'asked for' : 'answers for';
    return {
      kind: 'forbidden',
      field: 'approver',
      message: `${approver} ${role} ${exception.id} and may not approve it`,
      remedy: 'somebody else has to: neither the requester nor the owner',
    };
  }
  // The policy may have become stricter since it was asked for.
  return judgeRequest(exception, policy, nowMs);
}
