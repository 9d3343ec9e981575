import {
  ActivityCancellationType,
  proxyActivities,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { TimeoutPolicy } from '../../src/domain/policy';

/** One attempt of a quick call. */
const ATTEMPT_MS = 30_000;
/** Added to the policy's patience, so that a step has time to work even where the policy waits for nobody. */
const OWN_MS = 5_000;
/** Every activity heartbeats each 2 s (activities/failures.ts): a dead worker is noticed after this. */
const HEARTBEAT_MS = 10_000;
const WRITE_MS = 60_000;
/** How long containers may take to get ready where the policy does not say (activities/rollout.ts). */
const READY_MS = 30_000;
/** Beside that: pulling the image, and for a router to take a change over. */
const AROUND_READY_MS = 30_000;

/** Down parts are asked again every few seconds for as long as the policy is patient. */
const RETRY = { initialInterval: 250, backoffCoefficient: 2, maximumInterval: 5_000 } as const;

export interface Proxies {
  /** Reads and gates: an abort need not wait for them. */
  readonly quick: ActivityInterfaceFor<Activities>;
  /** Channel and traffic writes: on abort a running attempt settles first, so that compensation sees its effect. */
  readonly writes: ActivityInterfaceFor<Activities>;
  /** Writes that start containers; told of an abort, they stop waiting for them. */
  readonly starts: ActivityInterfaceFor<Activities>;
  /** Heartbeats, so that a dead worker is noticed within seconds. */
  readonly build: ActivityInterfaceFor<Activities>;
  readonly scan: ActivityInterfaceFor<Activities>;
}

function slow(ownMs: number, patienceMs: number): ActivityInterfaceFor<Activities> {
  return proxyActivities<Activities>({
    startToCloseTimeout: ownMs,
    heartbeatTimeout: HEARTBEAT_MS,
    scheduleToCloseTimeout: ownMs + patienceMs,
    retry: RETRY,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
}

/** For work that lasts as long as a window, or as its own budget. Of a window less is left when it is tried again. */
export function longActivities(
  lastsMs: number,
  patienceMs = lastsMs,
): ActivityInterfaceFor<Activities> {
  return slow(lastsMs + OWN_MS, patienceMs);
}

/** How long one wait may last before the workflow looks again itself. */
const POLL_MS = 24 * 3_600_000;

/**
 * For what is waited for by trying again: attempts that fail as not yet say when to come again, and none of them is in the history.
 * Other failures are retried within a minute.
 */
export function pollActivities(): ActivityInterfaceFor<Activities> {
  return proxyActivities<Activities>({
    startToCloseTimeout: ATTEMPT_MS,
    heartbeatTimeout: HEARTBEAT_MS,
    scheduleToCloseTimeout: POLL_MS,
    retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 30_000 },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
}

/** Likewise for a window that is watched: what fails in another way is tried again at once, for no longer than `forMs`. */
export function watchActivities(forMs: number): ActivityInterfaceFor<Activities> {
  return proxyActivities<Activities>({
    startToCloseTimeout: ATTEMPT_MS,
    heartbeatTimeout: HEARTBEAT_MS,
    scheduleToCloseTimeout: forMs,
    // Quiet looks count as attempts: an interval that grows would be at its longest when a worker dies.
    retry: { initialInterval: 1_000, backoffCoefficient: 1 },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
}

/** What a write that starts containers is told of the time they have; nothing where the policy does not say. */
export function readiness({ timeouts }: { readonly timeouts: TimeoutPolicy }): {
  readonly readyTimeoutMs?: number;
} {
  const { readyMs } = timeouts;
  return readyMs === undefined ? {} : { readyTimeoutMs: readyMs };
}

/** One attempt of a write that starts containers. */
function startMs({ readyMs = READY_MS }: TimeoutPolicy): number {
  return readyMs + AROUND_READY_MS;
}

export function createProxies(timeouts: TimeoutPolicy): Proxies {
  const patienceMs = timeouts.dependencyMs;
  return {
    quick: proxyActivities<Activities>({
      startToCloseTimeout: ATTEMPT_MS,
      heartbeatTimeout: HEARTBEAT_MS,
      scheduleToCloseTimeout: patienceMs + OWN_MS,
      retry: RETRY,
      cancellationType: ActivityCancellationType.TRY_CANCEL,
    }),
    writes: proxyActivities<Activities>({
      startToCloseTimeout: WRITE_MS,
      heartbeatTimeout: HEARTBEAT_MS,
      scheduleToCloseTimeout: patienceMs + WRITE_MS,
      retry: RETRY,
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    }),
    starts: proxyActivities<Activities>({
      startToCloseTimeout: startMs(timeouts),
      heartbeatTimeout: HEARTBEAT_MS,
      scheduleToCloseTimeout: patienceMs + startMs(timeouts),
      retry: RETRY,
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    }),
    build: slow(timeouts.buildMs, patienceMs),
    scan: slow(timeouts.scanMs, patienceMs),
  };
}

export interface RollbackProxies {
  /** On the critical path: tried again soon. */
  readonly quick: ActivityInterfaceFor<Activities>;
  /** After traffic and channel are right. */
  readonly settle: ActivityInterfaceFor<Activities>;
  /** What may start containers, on the critical path or after it. */
  readonly starts: ActivityInterfaceFor<Activities>;
}

/** A rollback may take 5 minutes by the standard; its parts answer in milliseconds or are asked again at once. */
export function createRollbackProxies(timeouts: TimeoutPolicy): RollbackProxies {
  const common = {
    startToCloseTimeout: WRITE_MS,
    heartbeatTimeout: HEARTBEAT_MS / 2,
    scheduleToCloseTimeout: timeouts.dependencyMs + WRITE_MS,
  };
  const soon = { initialInterval: 200, backoffCoefficient: 1.5, maximumInterval: 3_000 };
  return {
    quick: proxyActivities<Activities>({ ...common, retry: soon }),
    starts: proxyActivities<Activities>({
      ...common,
      startToCloseTimeout: startMs(timeouts),
      scheduleToCloseTimeout: timeouts.dependencyMs + startMs(timeouts),
      retry: soon,
    }),
    settle: proxyActivities<Activities>({ ...common, retry: RETRY }),
  };
}
