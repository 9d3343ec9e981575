import { failureReason, hasErrorCode } from '../../contract/error-reason';
import { refused, type Refused } from '../http/refused';

const DOWN = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];
const SLOW = [
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
];
/** A kept connection that the registry closed while we sent: nothing was answered, a read may be sent again. */
const LOST = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];

const RETRY_AFTER_S = '5';

function hasAny(error: unknown, codes: readonly string[]): boolean {
  return codes.some((code) => hasErrorCode(error, code));
}

export function isLostConnection(error: unknown): boolean {
  return hasAny(error, LOST);
}

function unavailable(status: number, rule: string, message: string): Refused {
  return refused(
    {
      code: 'UNAVAILABLE',
      status,
      rule,
      message,
      remedy: 'try again; if it stays, see the gateway log and the registry behind it',
    },
    { 'retry-after': RETRY_AFTER_S },
  );
}

/** What a client is told; why goes to the log alone, it names hosts. */
export function backendFailure(error: unknown): Refused {
  const found = hasAny(error, SLOW)
    ? unavailable(504, 'backend-slow', 'The registry behind the gateway took too long')
    : hasAny(error, DOWN)
      ? unavailable(503, 'backend-down', 'The registry behind the gateway does not answer')
      : unavailable(502, 'backend-lost', 'The registry behind the gateway broke off');
  found.cause = failureReason(error);
  return found;
}

/** The registry turned our own credentials down: nothing that a client could mend. */
export function backendDenied(): Refused {
  return unavailable(502, 'backend-denied', 'The registry behind the gateway refuses the gateway');
}

export function backendNonsense(why: string): Refused {
  const found = unavailable(
    502,
    'backend-answer',
    'The registry behind the gateway gave no usable answer',
  );
  found.cause = why;
  return found;
}
