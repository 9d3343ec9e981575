import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
} from '@temporalio/client';
import { ReleaseError } from '../contract/errors';
import type { ScheduleOverview } from '../contract/messages';
import { toReleaseError } from './errors';

export interface RunStart {
  readonly started: boolean;
  readonly running: string | null;
}

/** By workflow ids. */
export interface ScheduleState extends Pick<ScheduleOverview<never>, 'schedule'> {
  readonly running: string | null;
  /** The run that ended last. */
  readonly last: string | null;
}

/** A workflow that a Schedule starts, one at a time. Throws ReleaseError ORCHESTRATOR_UNAVAILABLE. */
export interface ScheduledRuns<Report> {
  /** Starts a run now; null when one is under way already, whose workflow is named. */
  run(): Promise<RunStart>;
  state(): Promise<ScheduleState>;
  overview(): Promise<ScheduleOverview<Report>>;
}

interface ScheduleNames {
  readonly scheduleId: string;
  /** Shows the report of a run that has not ended; without it there is none before its end. */
  readonly query?: string;
  /** Who makes the Schedule. */
  readonly worker: 'release' | 'control';
}

export function createScheduledRuns<Report>(
  client: Client,
  deadlineMs: number,
  names: ScheduleNames,
): ScheduledRuns<Report> {
  const calls = new ScheduleCalls<Report>(client, deadlineMs, names);
  return {
    run: () => calls.run(),
    state: () => calls.state(),
    overview: () => calls.overview(),
  };
}

class ScheduleCalls<Report> {
  private readonly client: Client;
  private readonly deadlineMs: number;
  private readonly names: ScheduleNames;

  constructor(client: Client, deadlineMs: number, names: ScheduleNames) {
    this.client = client;
    this.deadlineMs = deadlineMs;
    this.names = names;
  }

  async run(): Promise<RunStart> {
    const { scheduleId } = this.names;
    const description = await this.describe();
    if (!description) throw notScheduled(this.names);
    const [running] = runningOf(description);
    if (running !== undefined) return { started: false, running };
    await this.within(() =>
      this.client.schedule.getHandle(scheduleId).trigger(ScheduleOverlapPolicy.SKIP),
    );
    return { started: true, running: null };
  }

  async state(): Promise<ScheduleState> {
    const description = await this.describe();
    if (!description) return { schedule: null, running: null, last: null };
    const { state, info } = description;
    const running = runningOf(description)[0] ?? null;
    const last = info.recentActions
      .map(({ action }) => action.workflow.workflowId)
      .findLast((workflowId) => workflowId !== running);
    return {
      schedule: {
        paused: state.paused,
        note: state.note ?? null,
        nextAt: info.nextActionTimes[0]?.toISOString() ?? null,
      },
      running,
      last: last ?? null,
    };
  }

  async overview(): Promise<ScheduleOverview<Report>> {
    const { schedule, running, last } = await this.state();
    return {
      schedule,
      running:
        running === null ? null : { workflowId: running, report: await this.queryReport(running) },
      last: last === null ? null : { workflowId: last, report: await this.resultReport(last) },
    };
  }

  private async describe(): Promise<ScheduleDescription | null> {
    try {
      return await this.within(() =>
        this.client.schedule.getHandle(this.names.scheduleId).describe(),
      );
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return null;
      throw error;
    }
  }

  /** Null when no worker answers: that it runs is known all the same. */
  private async queryReport(workflowId: string): Promise<Report | null> {
    const { query } = this.names;
    if (query === undefined) return null;
    try {
      return await this.within(() =>
        this.client.workflow.getHandle(workflowId).query<Report>(query),
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

function notScheduled({ scheduleId, worker }: ScheduleNames): ReleaseError {
  return new ReleaseError('ORCHESTRATOR_UNAVAILABLE', `There is no Schedule ${scheduleId} yet`, {
    details: { remedy: `start the ${worker} worker: it makes the Schedule` },
  });
}
