import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type { ScheduleOptions, ScheduleOptionsStartWorkflowAction } from '@temporalio/client';
import { RECONCILE_ID } from '../contract/ids';
import { WORKFLOWS, type ReconcileInput, type ReconcileSettings } from '../contract/messages';
import { TASK_QUEUES } from '../contract/queues';

type Action = ScheduleOptionsStartWorkflowAction<(input: ReconcileInput) => Promise<unknown>>;

function planOf(
  settings: ReconcileSettings,
): Required<Pick<ScheduleOptions<Action>, 'spec' | 'action' | 'policies'>> {
  return {
    spec: { intervals: [{ every: settings.everyMs }] },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOWS.reconcileRegistry,
      // Temporal adds the time of the start to it.
      workflowId: RECONCILE_ID,
      taskQueue: TASK_QUEUES.release,
      args: [{ settings }],
      staticSummary: 'Registry against its record',
    },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      // A run that was missed is not made up for: the next one sees the same. The default is a year.
      catchupWindow: '1 minute',
      pauseOnFailure: false,
    },
  };
}

/**
 * Makes the Schedule, or sets it to what the settings say; one that was paused stays so. Idempotent, so every worker may
 * call it at its start. Throws what the Temporal client throws.
 */
export async function ensureReconcileSchedule(
  client: Client,
  settings: ReconcileSettings,
): Promise<void> {
  const plan = planOf(settings);
  try {
    await client.schedule.create({ scheduleId: RECONCILE_ID, ...plan });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule
      .getHandle(RECONCILE_ID)
      .update<(input: ReconcileInput) => Promise<unknown>>(({ state }) => ({ ...plan, state }));
  }
}
