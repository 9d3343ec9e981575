import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { TASK_QUEUES } from '../contract/queues';

interface ScheduledWorkflow<Input> {
  /** Of the Schedule, and of its runs, to which Temporal adds the time of the start. */
  readonly id: string;
  readonly everyMs: number;
  readonly workflow: string;
  readonly taskQueue: keyof typeof TASK_QUEUES;
  readonly input: Input;
  readonly summary: string;
}

/**
 * Makes the Schedule, or sets it to what is given; one that was paused stays so. Idempotent, so every worker may call it at
 * its start. Throws what the Temporal client throws.
 */
export async function ensureSchedule<Input>(
  client: Client,
  { id, everyMs, workflow, taskQueue, input, summary }: ScheduledWorkflow<Input>,
): Promise<void> {
  const plan = {
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: workflow,
      workflowId: id,
      taskQueue: TASK_QUEUES[taskQueue],
      args: [input] as [Input],
      staticSummary: summary,
    },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      // A run that was missed is not made up for: the next one sees the same. The default is a year.
      catchupWindow: '1 minute' as const,
      pauseOnFailure: false,
    },
  };
  try {
    await client.schedule.create({ scheduleId: id, ...plan });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule
      .getHandle(id)
      .update<(input: Input) => Promise<unknown>>(({ state }) => ({ ...plan, state }));
  }
}
