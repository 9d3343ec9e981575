import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type { ScheduleOptions, ScheduleOptionsStartWorkflowAction } from '@temporalio/client';

/** Of one month to the next, UTC. */
interface Monthly {
  readonly dayOfMonth: number;
  readonly hour: number;
  readonly minute: number;
}

/** When it starts: every so often, or once a month. */
type When = { readonly everyMs: number } | { readonly monthly: Monthly };

/** A workflow that starts again and again, of one argument. */
export type SchedulePlan = When & {
  /** Of the Schedule, and of its runs: Temporal adds the time of the start to it. */
  readonly id: string;
  /** Of its runs, where they are named otherwise. */
  readonly workflowId?: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: unknown;
  readonly summary: string;
  /** Its first run does not wait for the first interval to pass. */
  readonly atOnce?: boolean;
  /** Nor does one when the plan is made again, unless it is paused: whoever makes it may have been away for long. */
  readonly atEachStart?: boolean;
};

type Start = (input: unknown) => Promise<unknown>;
type Action = ScheduleOptionsStartWorkflowAction<Start>;

function optionsOf(
  plan: SchedulePlan,
): Required<Pick<ScheduleOptions<Action>, 'spec' | 'action' | 'policies'>> {
  const { id, workflowId = id, workflowType, taskQueue, input, summary } = plan;
  const isMonthly = 'monthly' in plan;
  return {
    spec: isMonthly ? { calendars: [plan.monthly] } : { intervals: [{ every: plan.everyMs }] },
    action: {
      type: 'startWorkflow',
      workflowType,
      workflowId,
      taskQueue,
      args: [input],
      staticSummary: summary,
    },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      // A run that was missed is not made up for where the next one comes soon and sees the same. The default is a year.
      catchupWindow: isMonthly ? '3 days' : '1 minute',
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
    await changeSchedule(client, plan, options);
  }
}

async function changeSchedule(
  client: Client,
  { id, atEachStart = false }: SchedulePlan,
  options: ReturnType<typeof optionsOf>,
): Promise<void> {
  const handle = client.schedule.getHandle(id);
  await handle.update<Start>(({ state }) => ({ ...options, state }));
  if (!atEachStart) return;
  const { state } = await handle.describe();
  if (!state.paused) await handle.trigger(ScheduleOverlapPolicy.SKIP);
}
