import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { ERRORS, ReleaseError } from '../src/contract/errors';

type AsyncFunction = (...args: never[]) => Promise<unknown>;

/** The one mapper from ReleaseError to what Temporal stores and retries by. */
export function toFailure(error: unknown): unknown {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (!(error instanceof ReleaseError)) return error;
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nonRetryable: !ERRORS[error.code].retryable,
    details: [error.details],
    ...(error.retryAfterMs !== undefined && { nextRetryDelay: error.retryAfterMs }),
    ...(error.cause instanceof Error && { cause: error.cause }),
  });
}

/** What is waited for has not come: no error, and tried again then. */
export function notYet(message: string, askAgainInMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'NOT_YET',
    nonRetryable: false,
    nextRetryDelay: askAgainInMs,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** What the write would be behind is closed: no error, and the workflow waits for it. */
export function frozen(message: string): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'FROZEN',
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}

const HEARTBEAT_EVERY_MS = 2_000;

/** Every activity heartbeats, so that a worker that died is noticed within seconds and not by the longest time allowed. */
function mapped<F extends AsyncFunction>(activity: F): F {
  const wrapped = async (...args: never[]): Promise<unknown> => {
    const context = Context.current();
    const timer = setInterval(() => {
      context.heartbeat();
    }, HEARTBEAT_EVERY_MS);
    try {
      return await activity(...args);
    } catch (error) {
      throw toFailure(error);
    } finally {
      clearInterval(timer);
    }
  };
  return wrapped as F;
}

/** Wraps every activity of a group. */
export function withFailures<T extends Readonly<Record<string, AsyncFunction>>>(activities: T): T {
  const entries = Object.entries(activities).map(([name, activity]) => [name, mapped(activity)]);
  return Object.fromEntries(entries) as T;
}
