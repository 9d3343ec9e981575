import {
  ActivityCancellationType,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { Activities } from '../../activities';
import { SEARCH_KEYS } from './search-keys';

/** Contents of one activity. */
export const WORM_SLICE = 200;

const DAY_MS = 86_400_000;

/** Layers of many gigabytes over a slow line; a store that is away for a while ends no copy. */
export function createWormProxies(): ActivityInterfaceFor<Activities> {
  return proxyActivities<Activities>({
    startToCloseTimeout: DAY_MS,
    heartbeatTimeout: 30_000,
    scheduleToCloseTimeout: 3 * DAY_MS,
    retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 300_000 },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
}

/** What Temporal Web UI shows of it. */
export function publishWorm(verdict: string | null, details: string): void {
  upsertSearchAttributes([
    { key: SEARCH_KEYS.stage, value: 'worm' },
    { key: SEARCH_KEYS.verdict, value: verdict },
  ]);
  setCurrentDetails(details);
}
