import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import { isErrorCode, type ErrorCode } from '../../src/contract/errors';
import type { Verdict } from '../../src/domain/verdict';

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** With the remedy, when the activity gave any. */
  readonly details?: readonly unknown[];
}

/** What a failed step says: the code of the activity's own error where there is one. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) {
    return describeFailure(error.cause);
  }
  if (error instanceof TimeoutFailure) {
    const last = error.cause ? describeFailure(error.cause) : null;
    return last ?? { code: 'TIMED_OUT', message: error.message };
  }
  if (error instanceof ApplicationFailure && isErrorCode(error.type)) {
    const { type: code, message, details } = error;
    return { code, message, ...(details && { details }) };
  }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** All the time it had for its attempts is over: between two of them, or in one, which Temporal tells in another way. */
export function ranOutOfTime(error: unknown): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  const { retryState, cause } = error;
  return (
    retryState === 'TIMEOUT' ||
    (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_CLOSE')
  );
}

/** Cancelled by anyone: not a failure of the step. */
export function rethrowCancellation(error: unknown): void {
  if (isCancellation(error)) throw error;
}

/** Only a pass lets a release go on; not measured is a failure, not a rejection. */
export function requirePass(verdict: Verdict): void {
  if (verdict.outcome === 'pass') return;
  const why = verdict.reasons.length > 0 ? verdict.reasons.join('; ') : verdict.outcome;
  throw ApplicationFailure.nonRetryable(
    `${verdict.gate} ${verdict.subject}: ${why}`,
    verdict.outcome === 'error' ? notMeasured(verdict) : 'GATE_FAILED',
  );
}

function notMeasured({ gate }: Verdict): ErrorCode {
  return gate === 'scan' ? 'SCANNER_UNAVAILABLE' : 'METRICS_UNAVAILABLE';
}
