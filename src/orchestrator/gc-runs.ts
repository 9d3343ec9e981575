import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  type Client,
} from '@temporalio/client';
import { ReleaseError } from '../contract/errors';
import {
  GC_RUN_MESSAGES,
  GC_RUN_WORKFLOWS,
  type GcRestoreInput,
  type GcRestoreResult,
  type GcRunOrder,
  type GcRunReport,
  type ReclaimInput,
  type ReclaimReport,
} from '../contract/gc-run-messages';
import { GC_RECLAIM_ID, gcRestoreWorkflowId, gcRunWorkflowId } from '../contract/ids';
import { TASK_QUEUES } from '../contract/queues';
import { isNotFound, toReleaseError } from './errors';

export type GcOrder = 'pause' | 'resume' | 'cancel';

export interface ReclaimOverview {
  readonly running: boolean;
  /** Of the newest one, once it has ended. */
  readonly report: ReclaimReport | null;
}

/** Runs of plans, what they deleted, and the disk. Throws ReleaseError ORCHESTRATOR_UNAVAILABLE. */
export interface GcRuns {
  /** Null when it never ran, or Temporal keeps it no more. */
  getRun(planId: string): Promise<GcRunReport | null>;
  /** Throws RUN_NOT_FOUND when none is under way. */
  order(planId: string, order: GcOrder, by: GcRunOrder): Promise<GcRunReport>;
  /** Waits for its end; what it threw is thrown. */
  restore(input: GcRestoreInput): Promise<GcRestoreResult>;
  startReclaim(input: ReclaimInput): Promise<{ readonly started: boolean }>;
  /** Ends it early; pushes are opened. False when none is under way. */
  cancelReclaim(): Promise<boolean>;
  getReclaim(): Promise<ReclaimOverview>;
}

export function createGcRuns(client: Client, deadlineMs: number): GcRuns {
  const calls = new GcRunCalls(client, deadlineMs);
  return {
    getRun: (planId) => calls.getRun(planId),
    order: (planId, order, by) => calls.order(planId, order, by),
    restore: (input) => calls.restore(input),
    startReclaim: (input) => calls.startReclaim(input),
    cancelReclaim: () => calls.cancelReclaim(),
    getReclaim: () => calls.getReclaim(),
  };
}

/** Below the longest time that the API gives a handler. */
const RESTORE_DEADLINE_MS = 60_000;

const TAKEN_ONCE = {
  taskQueue: TASK_QUEUES.release,
  workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
} as const;

class GcRunCalls {
  private readonly client: Client;
  private readonly deadlineMs: number;

  constructor(client: Client, deadlineMs: number) {
    this.client = client;
    this.deadlineMs = deadlineMs;
  }

  async getRun(planId: string): Promise<GcRunReport | null> {
    const handle = this.client.workflow.getHandle(gcRunWorkflowId(planId));
    try {
      return await this.within(() => handle.query<GcRunReport>(GC_RUN_MESSAGES.get));
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  async order(planId: string, order: GcOrder, by: GcRunOrder): Promise<GcRunReport> {
    const handle = this.client.workflow.getHandle(gcRunWorkflowId(planId));
    const name = GC_RUN_MESSAGES[order];
    try {
      return await this.within(() =>
        handle.executeUpdate<GcRunReport, [GcRunOrder]>(name, { args: [by] }),
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new ReleaseError('RUN_NOT_FOUND', `No run of ${planId} is under way`, {
        details: { field: 'run', remedy: 'see what there is: plura reg gc plans' },
      });
    }
  }

  async restore(input: GcRestoreInput): Promise<GcRestoreResult> {
    const { repository, digest } = input;
    return this.withinMs(RESTORE_DEADLINE_MS, async () => {
      const handle = await this.client.workflow.start(GC_RUN_WORKFLOWS.restore, {
        workflowId: gcRestoreWorkflowId(repository, digest),
        taskQueue: TASK_QUEUES.release,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
        args: [input],
        staticSummary: `Put back ${repository}@${digest}`,
      });
      return (await handle.result()) as GcRestoreResult;
    });
  }

  async startReclaim(input: ReclaimInput): Promise<{ readonly started: boolean }> {
    const started = await this.startOnce(() =>
      this.client.workflow.start(GC_RUN_WORKFLOWS.reclaim, {
        ...TAKEN_ONCE,
        workflowId: GC_RECLAIM_ID,
        args: [input],
        staticSummary: 'Take back the disk of what was deleted',
      }),
    );
    return { started };
  }

  async cancelReclaim(): Promise<boolean> {
    try {
      await this.within(() => this.client.workflow.getHandle(GC_RECLAIM_ID).cancel());
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async getReclaim(): Promise<ReclaimOverview> {
    const handle = this.client.workflow.getHandle(GC_RECLAIM_ID);
    try {
      const { status } = await this.within(() => handle.describe());
      if (status.name === 'RUNNING') return { running: true, report: null };
      if (status.name !== 'COMPLETED') return { running: false, report: null };
      const report = await this.within(() => handle.result() as Promise<ReclaimReport>);
      return { running: false, report };
    } catch (error) {
      if (isNotFound(error)) return { running: false, report: null };
      throw error;
    }
  }

  private async startOnce(start: () => Promise<unknown>): Promise<boolean> {
    try {
      await this.within(start);
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  private within<Result>(call: () => Promise<Result>): Promise<Result> {
    return this.withinMs(this.deadlineMs, call);
  }

  private async withinMs<Result>(ms: number, call: () => Promise<Result>): Promise<Result> {
    try {
      return await this.client.withDeadline(Date.now() + ms, call);
    } catch (error) {
      const isPlain = isNotFound(error) || error instanceof WorkflowExecutionAlreadyStartedError;
      throw isPlain ? error : toReleaseError(error, ms);
    }
  }
}
