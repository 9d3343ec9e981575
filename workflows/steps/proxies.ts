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
/** Traffic writes start containers. */
const WRITE_MS = 60_000;

/** Down parts are asked again every few seconds for as long as the policy is patient. */
const RETRY = { initialInterval: 250, backoffCoefficient: 2, maximumInterval: 5_000 } as const;

export interface Proxies {
  /** Reads and gates: an abort need not wait for them. */
  readonly quick: ActivityInterfaceFor<Activities>;
  /** Channel and traffic writes: on abort a running attempt settles first, so that compensation sees its effect. */
  readonly writes: ActivityInterfaceFor<Activities>;
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

/** For work that lasts as long as a window: what is left of it when it is tried again is less. */
export function longActivities(windowMs: number): ActivityInterfaceFor<Activities> {
  return slow(windowMs + OWN_MS, windowMs);
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
    build: slow(timeouts.buildMs, patienceMs),
    scan: slow(timeouts.scanMs, patienceMs),
  };
}

export interface RollbackProxies {
  /** On the critical path: tried again soon. */
  readonly quick: ActivityInterfaceFor<Activities>;
  /** After traffic and channel are right. */
  readonly settle: ActivityInterfaceFor<Activities>;
}

/** A rollback may take 5 minutes by the standard; its parts answer in milliseconds or are asked again at once. */
export function createRollbackProxies(timeouts: TimeoutPolicy): RollbackProxies {
  const common = {
    startToCloseTimeout: WRITE_MS,
    heartbeatTimeout: HEARTBEAT_MS / 2,
    scheduleToCloseTimeout: timeouts.dependencyMs + WRITE_MS,
  };
  return {
    quick: proxyActivities<Activities>({
      ...common,
      retry: { initialInterval: 200, backoffCoefficient: 1.5, maximumInterval: 3_000 },
    }),
    settle: proxyActivities<Activities>({ ...common, retry: RETRY }),
  };
}
