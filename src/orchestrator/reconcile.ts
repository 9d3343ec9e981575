import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
} from '@temporalio/client';
import { ReleaseError } from '../contract/errors';
import { RECONCILE_ID } from '../contract/ids';
import { MESSAGES, type ReconcileOverview, type ReconcileReport } from '../contract/messages';
import { toReleaseError } from './errors';

/** The reconcile of the registry, as its Schedule runs it. */
export interface Reconcile {
  /** Starts a run now; null when one is under way already, whose workflow is named. */
  run(): Promise<{ readonly started: boolean; readonly running: string | null }>;
  overview(): Promise<ReconcileOverview>;
}

export function createReconcile(client: Client, deadlineMs: number): Reconcile {
  const calls = new ReconcileCalls(client, deadlineMs);
  return { run: () => calls.run(), overview: () => calls.overview() };
}

class ReconcileCalls {
  private readonly client: Client;
  private readonly deadlineMs: number;

  constructor(client: Client, deadlineMs: number) {
    this.client = client;
    this.deadlineMs = deadlineMs;
  }

  async run(): Promise<{ readonly started: boolean; readonly running: string | null }> {
    const description = await this.describe();
    if (!description) throw notScheduled();
    const [running] = runningOf(description);
    if (running !== undefined) return { started: false, running };
    await this.within(() =>
      this.client.schedule.getHandle(RECONCILE_ID).trigger(ScheduleOverlapPolicy.SKIP),
    );
    return { started: true, running: null };
  }

  async overview(): Promise<ReconcileOverview> {
    const description = await this.describe();
    if (!description) return { schedule: null, running: null, last: null };
    const { state, info } = description;
    const [running] = runningOf(description);
    const ended = info.recentActions
      .map(({ action }) => action.workflow.workflowId)
      .findLast((workflowId) => workflowId !== running);
    return {
      schedule: {
        paused: state.paused,
        note: state.note ?? null,
        nextAt: info.nextActionTimes[0]?.toISOString() ?? null,
      },
      running:
        running === undefined
          ? null
          : { workflowId: running, report: await this.queryReport(running) },
      last:
        ended === undefined ? null : { workflowId: ended, report: await this.resultReport(ended) },
    };
  }

  private async describe(): Promise<ScheduleDescription | null> {
    try {
      return await this.within(() => this.client.schedule.getHandle(RECONCILE_ID).describe());
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return null;
      throw error;
    }
  }

  /** Null when no worker answers: that it runs is known all the same. */
  private async queryReport(workflowId: string): Promise<ReconcileReport | null> {
    try {
      return await this.within(() =>
        this.client.workflow.getHandle(workflowId).query<ReconcileReport>(MESSAGES.getReconcile),
      );
    } catch {
      return null;
    }
  }

  /** Null when the run was stopped, failed, or is no longer kept by Temporal. */
  private async resultReport(workflowId: string): Promise<ReconcileReport | null> {
    try {
      return await this.within(
        () => this.client.workflow.getHandle(workflowId).result() as Promise<ReconcileReport>,
      );
    } catch {
      return null;
    }
  }

  private async within<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      return await this.client.withDeadline(Date.now() + this.deadlineMs, call);
    } catch (error) {
      throw error instanceof ScheduleNotFoundError ? error : toReleaseError(error, this.deadlineMs);
    }
  }
}

function runningOf({ info }: ScheduleDescription): readonly string[] {
  return info.runningActions.map(({ workflow }) => workflow.workflowId);
}

function notScheduled(): ReleaseError {
  return new ReleaseError('ORCHESTRATOR_UNAVAILABLE', `There is no Schedule ${RECONCILE_ID} yet`, {
    details: { remedy: 'start the release worker: it makes the Schedule' },
  });
}
