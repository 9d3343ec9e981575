import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type { ScheduleOptions, ScheduleOptionsStartWorkflowAction } from '@temporalio/client';

/** A workflow that starts every so often, of one argument. */
export interface SchedulePlan {
  /** Of the Schedule, and of its runs: Temporal adds the time of the start to it. */
  readonly id: string;
  readonly everyMs: number;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: unknown;
  readonly summary: string;
  /** Its first run does not wait for the first interval to pass. */
  readonly atOnce?: boolean;
}

type Start = (input: unknown) => Promise<unknown>;
type Action = ScheduleOptionsStartWorkflowAction<Start>;

function optionsOf(
  plan: SchedulePlan,
): Required<Pick<ScheduleOptions<Action>, 'spec' | 'action' | 'policies'>> {
  const { id, everyMs, workflowType, taskQueue, input, summary } = plan;
  return {
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow',
      workflowType,
      workflowId: id,
      taskQueue,
      args: [input],
      staticSummary: summary,
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
 * Makes the Schedule, or sets it to what the plan says; one that was paused stays so. Idempotent, so every worker may
 * call it at its start. Throws what the Temporal client throws.
 */
export async function ensureSchedule(client: Client, plan: SchedulePlan): Promise<void> {
  const options = optionsOf(plan);
  try {
    await client.schedule.create({
      scheduleId: plan.id,
      ...options,
      ...(plan.atOnce === true && { state: { triggerImmediately: true } }),
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(plan.id).update<Start>(({ state }) => ({ ...options, state }));
  }
}
