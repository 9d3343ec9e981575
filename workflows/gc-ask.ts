import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { GcAnswer, GcAskInput } from '../src/contract/gc-messages';

/** Somebody waits for the answer. */
const { askGc } = proxyActivities<Activities>({
  startToCloseTimeout: 300_000,
  heartbeatTimeout: 20_000,
  scheduleToCloseTimeout: 600_000,
  retry: {
    initialInterval: 1_000,
    backoffCoefficient: 2,
    maximumInterval: 10_000,
    maximumAttempts: 3,
  },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/**
 * Says why something is kept or goes, or what another policy would flip, from the inventory and the roots as they are. On the release
 * queue; id `gc-ask/{request}`. It takes no messages, changes nothing, and fails with the code of what stayed away.
 */
export async function gcAskWorkflow(input: GcAskInput): Promise<GcAnswer> {
  return askGc(input);
}
