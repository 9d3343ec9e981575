import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { QuarantineAlertInput } from '../src/contract/quarantine-messages';
import { describeQuarantine } from '../src/domain/quarantine-alert';
import { attempt } from './steps/attempt';

/** A target that is away is told as unknown, and a receiver that is away is waited for. */
const activities = proxyActivities<Activities>({
  startToCloseTimeout: 300_000,
  heartbeatTimeout: 20_000,
  scheduleToCloseTimeout: 86_400_000,
  retry: { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 60_000 },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

/**
 * Tells people of a quarantine that is in force already: why, which advisories, and which channels and workloads it hits. Started
 * by the API, id `quarantine-alert/{request}`, on the control queue; it takes no messages. What can't be asked is told as unknown.
 */
export async function quarantineAlertWorkflow(input: QuarantineAlertInput): Promise<void> {
  const { id, digests, reason, cves, by } = input;
  const found = await attempt(() =>
    activities.findQuarantineHits.executeWithOptions(
      { summary: `what ${digests.length} digests hit`, scheduleToCloseTimeout: 600_000 },
      [input],
    ),
  );
  const hits =
    found.stopped === null ? found.value : { hits: [], more: 0, unknown: [found.stopped] };
  const alert = describeQuarantine({ digests, reason, cves, by, ...hits });
  await activities.notify.executeWithOptions({ summary: alert.title }, [
    { id: `quarantine/${id}`, ...alert, svc: hits.hits[0]?.svc ?? '' },
  ]);
}
