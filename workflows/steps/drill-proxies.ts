import {
  ActivityCancellationType,
  proxyActivities,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { Activities } from '../../activities';

export interface DrillProxies {
  readonly quick: ActivityInterfaceFor<Activities>;
  /** Change lane or service, and may wait for a rollback, which takes as long as it is allowed to, and then some, to be measured. */
  readonly writes: ActivityInterfaceFor<Activities>;
}

const QUICK_MS = 120_000;
const PATIENCE_MS = 900_000;
const RETRY = { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 30_000 } as const;

export function createDrillProxies(targetMs: number): DrillProxies {
  const common = { heartbeatTimeout: 10_000, retry: RETRY } as const;
  const attemptMs = 2 * targetMs + QUICK_MS;
  return {
    quick: proxyActivities<Activities>({
      ...common,
      startToCloseTimeout: QUICK_MS,
      scheduleToCloseTimeout: PATIENCE_MS,
      cancellationType: ActivityCancellationType.TRY_CANCEL,
    }),
    writes: proxyActivities<Activities>({
      ...common,
      startToCloseTimeout: attemptMs,
      scheduleToCloseTimeout: attemptMs + PATIENCE_MS,
      // Where it ends is known before the service is put back.
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    }),
  };
}
