import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type { ScheduleOptions, ScheduleOptionsStartWorkflowAction } from '@temporalio/client';

interface SchedulePlan<Input> {
  /** The Schedule's; Temporal adds the time to it for the id of each run. */
  readonly id: string;
  readonly everyMs: number;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: Input;
  readonly summary: string;
}

type Action<Input> = ScheduleOptionsStartWorkflowAction<(input: Input) => Promise<unknown>>;

function planOf<Input>(
  plan: SchedulePlan<Input>,
): Required<Pick<ScheduleOptions<Action<Input>>, 'spec' | 'action' | 'policies'>> {
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
 * Makes the Schedule, or sets it to what the plan says; one that was paused stays so. Idempotent, so every worker may call it
 * at its start. Throws what the Temporal client throws.
 */
export async function ensureSchedule<Input>(
  client: Client,
  wanted: SchedulePlan<Input>,
): Promise<void> {
  const plan = planOf(wanted);
  const { id: scheduleId } = wanted;
  try {
    await client.schedule.create({ scheduleId, ...plan });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule
      .getHandle(scheduleId)
      .update<(input: Input) => Promise<unknown>>(({ state }) => ({ ...plan, state }));
  }
}
