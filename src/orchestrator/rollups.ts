import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type Client,
} from '@temporalio/client';
import { ReleaseError } from '../contract/errors';
import { ROLLUP_SCHEDULE_ID, rollupWorkflowId } from '../contract/ids';
import { TASK_QUEUES } from '../contract/queues';
import {
  ROLLUP_MESSAGES,
  ROLLUP_WORKFLOW,
  type RollupInput,
  type RollupOrder,
} from '../contract/rollup-messages';
import { rollupPolicyOf, rollupSettingsOf, type RollupPolicy } from '../domain/rollup/policy';
import { describeCause, type RollupReport } from '../domain/rollup/report';
import { ensureSchedule } from './ensure-schedule';
import { isNotFound, toReleaseError } from './errors';
import { createScheduledRuns, type ScheduleState } from './scheduled-runs';

export type RollupOrderKind = 'pause' | 'resume' | 'cancel';

/** Rollups under way, and their Schedule. Throws ReleaseError ORCHESTRATOR_UNAVAILABLE. */
export interface RollupRuns {
  /** False when one of this id runs, or ran. */
  start(input: RollupInput & { readonly id: string }): Promise<{ readonly started: boolean }>;
  /** What it would do now; changes nothing. Throws TIMED_OUT. */
  plan(input: RollupInput, requestId: string): Promise<RollupReport>;
  /** Of one that runs; null when none of this id does, or no worker answers for it. */
  get(id: string): Promise<RollupReport | null>;
  /** Throws ROLLUP_NOT_FOUND when none is under way. */
  order(id: string, order: RollupOrderKind, by: RollupOrder): Promise<RollupReport>;
  schedule(): Promise<ScheduleState>;
}

/** Below the longest time that the API gives a handler. */
const PLAN_DEADLINE_MS = 60_000;

export function createRollupRuns(client: Client, deadlineMs: number): RollupRuns {
  const calls = new RollupCalls(client, deadlineMs);
  const schedule = createScheduledRuns<RollupReport>(client, deadlineMs, {
    scheduleId: ROLLUP_SCHEDULE_ID,
    worker: 'release',
  });
  return {
    start: (input) => calls.start(input),
    plan: (input, requestId) => calls.plan(input, requestId),
    get: (id) => calls.get(id),
    order: (id, order, by) => calls.order(id, order, by),
    schedule: () => schedule.state(),
  };
}

class RollupCalls {
  private readonly client: Client;
  private readonly deadlineMs: number;

  constructor(client: Client, deadlineMs: number) {
    this.client = client;
    this.deadlineMs = deadlineMs;
  }

  async start(
    input: RollupInput & { readonly id: string },
  ): Promise<{ readonly started: boolean }> {
    try {
      await this.within(this.deadlineMs, () =>
        this.client.workflow.start(ROLLUP_WORKFLOW, {
          workflowId: rollupWorkflowId(input.id),
          taskQueue: TASK_QUEUES.release,
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
          workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
          args: [input],
          staticSummary: `Rollup ${input.id}: ${describeCause(input.cause)}`.slice(0, 200),
        }),
      );
      return { started: true };
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return { started: false };
      throw error;
    }
  }

  async plan(input: RollupInput, requestId: string): Promise<RollupReport> {
    const workflowId = `rollup-plan/${requestId}`;
    try {
      return await this.within(PLAN_DEADLINE_MS, async () => {
        const handle = await this.client.workflow.start(ROLLUP_WORKFLOW, {
          workflowId,
          taskQueue: TASK_QUEUES.release,
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          args: [{ ...input, dryRun: true }],
          staticSummary: 'What a rollup would do',
        });
        return (await handle.result()) as RollupReport;
      });
    } catch (error) {
      // Nobody waits for it any more.
      const handle = this.client.workflow.getHandle(workflowId);
      await this.within(this.deadlineMs, () => handle.cancel()).catch(() => undefined);
      throw error;
    }
  }

  async get(id: string): Promise<RollupReport | null> {
    const handle = this.client.workflow.getHandle(rollupWorkflowId(id));
    try {
      return await this.within(this.deadlineMs, () =>
        handle.query<RollupReport>(ROLLUP_MESSAGES.get),
      );
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  async order(id: string, order: RollupOrderKind, by: RollupOrder): Promise<RollupReport> {
    const handle = this.client.workflow.getHandle(rollupWorkflowId(id));
    try {
      return await this.within(this.deadlineMs, () =>
        handle.executeUpdate<RollupReport, [RollupOrder]>(ROLLUP_MESSAGES[order], { args: [by] }),
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new ReleaseError('ROLLUP_NOT_FOUND', `No rollup ${id} is under way`, {
        details: { field: 'rollup', remedy: 'see what there is: plura reg rollup list' },
      });
    }
  }

  private async within<Result>(ms: number, call: () => Promise<Result>): Promise<Result> {
    try {
      return await this.client.withDeadline(Date.now() + ms, call);
    } catch (error) {
      const isPlain = isNotFound(error) || error instanceof WorkflowExecutionAlreadyStartedError;
      throw isPlain ? error : toReleaseError(error, ms);
    }
  }
}

/** Makes the Schedule that renews bases every month, or sets it to what the policy says. */
export function ensureRollupSchedule(
  client: Client,
  policy: { readonly rollup?: RollupPolicy },
): Promise<void> {
  const input: RollupInput = {
    ...{ id: null, cause: { kind: 'monthly' }, only: null },
    settings: rollupSettingsOf(policy, 'monthly'),
  };
  return ensureSchedule(client, {
    id: ROLLUP_SCHEDULE_ID,
    workflowId: rollupWorkflowId('monthly'),
    monthly: rollupPolicyOf(policy).schedule,
    workflowType: ROLLUP_WORKFLOW,
    taskQueue: TASK_QUEUES.release,
    input,
    summary: 'Bases are renewed, and what stands on older ones is rebuilt',
  });
}
