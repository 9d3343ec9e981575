import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { GcRestoreInput, GcRestoreResult } from '../src/contract/gc-run-messages';

const { restoreManifest } = proxyActivities<Activities>({
  startToCloseTimeout: 300_000,
  heartbeatTimeout: 15_000,
  scheduleToCloseTimeout: 600_000,
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 10_000 },
});

/**
 * Puts back what a plan deleted, as long as its blobs are there. Id `gc-restore/{repository}@{digest}`, on the release queue, started
 * by a person. It takes no messages; repeated, it puts back what is still missing.
 */
export function gcRestoreWorkflow(input: GcRestoreInput): Promise<GcRestoreResult> {
  const { repository, digest, requestedBy: by } = input;
  return restoreManifest.executeWithOptions({ summary: `put back ${digest}` }, [
    { repository, digest, by },
  ]);
}
