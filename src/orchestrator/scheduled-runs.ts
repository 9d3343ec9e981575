import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
} from '@temporalio/client';
import { ReleaseError } from '../contract/errors';
import type { ScheduleOverview } from '../contract/messages';
import { toReleaseError } from './errors';

/** A workflow that a Schedule starts, one run at a time. */
export interface ScheduledRuns<Report> {
  /** Starts a run now; null when one is under way already, whose workflow is named. */
  run(): Promise<StartedRun>;
  overview(): Promise<ScheduleOverview<Report>>;
}

export interface StartedRun {
  readonly started: boolean;
  readonly running: string | null;
}

interface ScheduledRunsOptions {
  readonly client: Client;
  readonly deadlineMs: number;
  readonly scheduleId: string;
  /** Query that a run answers with its report. */
  readonly query: string;
}

export function createScheduledRuns<Report>(options: ScheduledRunsOptions): ScheduledRuns<Report> {
  const calls = new ScheduleCalls<Report>(options);
  return { run: () => calls.run(), overview: () => calls.overview() };
}

class ScheduleCalls<Report> {
  private readonly client: Client;
  private readonly deadlineMs: number;
  private readonly scheduleId: string;
  private readonly query: string;

  constructor({ client, deadlineMs, scheduleId, query }: ScheduledRunsOptions) {
    this.client = client;
    this.deadlineMs = deadlineMs;
    this.scheduleId = scheduleId;
    this.query = query;
  }

  async run(): Promise<StartedRun> {
    const description = await this.describe();
    if (!description) throw notScheduled(this.scheduleId);
    const [running] = runningOf(description);
    if (running !== undefined) return { started: false, running };
    await this.within(() =>
      this.client.schedule.getHandle(this.scheduleId).trigger(ScheduleOverlapPolicy.SKIP),
    );
    return { started: true, running: null };
  }

  async overview(): Promise<ScheduleOverview<Report>> {
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
      return await this.within(() => this.client.schedule.getHandle(this.scheduleId).describe());
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return null;
      throw error;
    }
  }

  /** Null when no worker answers: that it runs is known all the same. */
  private async queryReport(workflowId: string): Promise<Report | null> {
    try {
      return await this.within(() =>
        this.client.workflow.getHandle(workflowId).query<Report>(this.query),
      );
    } catch {
      return null;
    }
  }

  /** Null when the run was stopped, failed, or is no longer kept by Temporal. */
  private async resultReport(workflowId: string): Promise<Report | null> {
    try {
      return await this.within(
        () => this.client.workflow.getHandle(workflowId).result() as Promise<Report>,
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

function notScheduled(id: string): ReleaseError {
  return new ReleaseError('ORCHESTRATOR_UNAVAILABLE', `There is no Schedule ${id} yet`, {
    details: { remedy: 'start the release worker: it makes the Schedule' },
  });
}
