import { Context, type Info } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { releaseIdOf } from '../src/contract/ids';
import type { ActivityRetry } from '../src/ports/ledger';
import type { Deps } from './deps';

type AsyncFunction = (...args: never[]) => Promise<unknown>;
type RetryDeps = Pick<Deps, 'ledger'>;

/** A release goes on beside these, or waits in them by trying again: their retries cost it nothing. */
const NOT_WAITED_FOR: ReadonlySet<string> = new Set([
  'awaitEdge',
  'driveTraffic',
  'notify',
  'saveStatus',
  'watchWindow',
]);

/** Null for a first attempt, and for what no release waits for. */
function retryOf(info: Info): ActivityRetry | null {
  const { activityId, activityType, attempt, workflowExecution } = info;
  if (attempt < 2 || !workflowExecution || NOT_WAITED_FOR.has(activityType)) return null;
  const { workflowId, runId } = workflowExecution;
  const releaseId = releaseIdOf(workflowId);
  if (releaseId === null) return null;
  const from = new Date(info.scheduledTimestampMs).toISOString();
  const to = new Date(info.currentAttemptScheduledTimestampMs).toISOString();
  return { releaseId, runId, activityId, attempt, from, to };
}

/** No attempt follows, as far as a worker can know. */
function isForGood(error: unknown): boolean {
  if (error instanceof CancelledFailure) return true;
  return error instanceof ApplicationFailure && error.nonRetryable === true;
}

/** A help for people who ask where the time went: no activity waits for it, or fails with it. */
function record({ ledger }: RetryDeps, { info, log }: Context): void {
  const retry = retryOf(info);
  if (!retry) return;
  ledger.recordRetry(retry).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    log.warn('the time that retries took is not recorded', { error: message });
  });
}

function timed<F extends AsyncFunction>(deps: RetryDeps, activity: F): F {
  const wrapped = async (...args: never[]): Promise<unknown> => {
    const context = Context.current();
    try {
      const result = await activity(...args);
      record(deps, context);
      return result;
    } catch (error) {
      if (isForGood(error)) record(deps, context);
      throw error;
    }
  };
  return wrapped as F;
}

/**
 * Wraps every activity of a group, whose errors are those that Temporal sees: when one that was tried again has ended, the ledger
 * keeps for how long, from its first schedule to the attempt that ended it.
 */
export function withRetryTime<T extends Readonly<Record<string, AsyncFunction>>>(
  deps: RetryDeps,
  activities: T,
): T {
  const entries = Object.entries(activities).map(([name, one]) => [name, timed(deps, one)]);
  return Object.fromEntries(entries) as T;
}
