import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { ReclaimInput, ReclaimReport } from '../src/contract/gc-run-messages';
import { attempt } from './steps/attempt';
import { describeFailure } from './steps/failure';
import { SEARCH_KEYS } from './steps/search-keys';

const RETRY = { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 30_000 } as const;

/**
 * Takes back the disk of what plans deleted: pushes are closed for the time, and open again whatever happens. Id `gc-reclaim`, on the
 * release queue, never two at a time. It takes no messages; cancelled, the collector is killed and pushes are opened. When its
 * worker dies, another opens pushes; when all of them do, they open by themselves.
 */
export async function gcReclaimWorkflow(input: ReclaimInput): Promise<ReclaimReport> {
  const report = await reclaim(input);
  if (input.alert === true && report.outcome !== 'done') await tell(report);
  return report;
}

async function reclaim({ settings }: ReclaimInput): Promise<ReclaimReport> {
  const startedAt = new Date().toISOString();
  const id = `${workflowInfo().workflowId}/${workflowInfo().runId}`;
  const { drainMs, settleMs, collectorMs } = settings;
  const { reclaimStorage } = proxyActivities<Activities>({
    // A large registry takes its time to be measured; whether it goes on is told by heartbeats.
    startToCloseTimeout: 2 * drainMs + 2 * settleMs + collectorMs + 3_600_000,
    heartbeatTimeout: 15_000,
    // It begins anew then; a collector that failed twice is looked at by people.
    retry: { ...RETRY, maximumAttempts: 3 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
  const records = proxyActivities<Activities>({
    // What an attempt that nobody hears of left behind is ended first, in a container or a pod too.
    startToCloseTimeout: 300_000,
    scheduleToCloseTimeout: 7 * 86_400_000,
    retry: RETRY,
  });
  upsertSearchAttributes([{ key: SEARCH_KEYS.stage, value: 'gc-reclaim' }]);
  try {
    const result = await reclaimStorage.executeWithOptions(
      { summary: 'close, collect, open again' },
      [{ id, settings }],
    );
    return finish({ ...result, startedAt });
  } catch (error) {
    const reason = isCancellation(error) ? 'cancelled' : describeFailure(error).message;
    await CancellationScope.nonCancellable(() =>
      records.abandonReclaim.executeWithOptions({ summary: 'pushes are open' }, [{ id, reason }]),
    );
    const unknown = { plannedBytes: 0, beforeBytes: null, afterBytes: null };
    const none = { leasedBlobs: 0, reclaimedTombstones: 0 };
    return finish({ outcome: 'failed', reason, startedAt, ...unknown, ...none });
  }
}

/** Nobody looks at what starts by itself. */
async function tell({ outcome, reason, startedAt }: ReclaimReport): Promise<void> {
  const { notify } = proxyActivities<Activities>({
    startToCloseTimeout: 20_000,
    scheduleToCloseTimeout: 3_600_000,
    retry: RETRY,
  });
  const title = 'The disk of deleted images was not taken back';
  await CancellationScope.nonCancellable(() =>
    attempt(() =>
      notify.executeWithOptions({ summary: title }, [
        {
          id: `gc-reclaim/${startedAt}`,
          ...{ severity: 'warning', svc: '', title },
          text: `${outcome}: ${reason ?? ''}. Pushes are open; try it again: plura reg gc reclaim --now`,
        },
      ]),
    ),
  );
}

function finish(report: Omit<ReclaimReport, 'endedAt'>): ReclaimReport {
  const { outcome, reason, plannedBytes, beforeBytes, afterBytes } = report;
  const freed = beforeBytes === null || afterBytes === null ? null : beforeBytes - afterBytes;
  upsertSearchAttributes([{ key: SEARCH_KEYS.verdict, value: outcome }]);
  setCurrentDetails(
    [
      `### Reclaim: ${outcome}`,
      reason ?? `${freed ?? 'unknown'} bytes taken back, ${plannedBytes} planned`,
    ].join('\n\n'),
  );
  return { ...report, endedAt: new Date().toISOString() };
}
