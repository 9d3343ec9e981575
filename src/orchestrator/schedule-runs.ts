import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
} from '@temporalio/client';
import { ReleaseError } from '../contract/errors';
import { toReleaseError } from './errors';

export interface ScheduleState {
  /** Null when no worker has made it yet. */
  readonly schedule: {
    readonly paused: boolean;
    readonly note: string | null;
    readonly nextAt: string | null;
  } | null;
  /** Workflow of the run that is under way. */
  readonly running: string | null;
  /** That of the run that ended last. */
  readonly last: string | null;
}

/** The runs of one Schedule. Throws ReleaseError ORCHESTRATOR_UNAVAILABLE. */
export interface ScheduleRuns {
  /** Starts a run now; when one is under way already, its workflow is named. */
  run(): Promise<{ readonly started: boolean; readonly running: string | null }>;
  state(): Promise<ScheduleState>;
}

const runningOf = ({ info }: ScheduleDescription): string | undefined =>
  info.runningActions[0]?.workflow.workflowId;

/** Every call ends within the deadline. */
export function createScheduleRuns(
  client: Client,
  deadlineMs: number,
  scheduleId: string,
): ScheduleRuns {
  async function within<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      return await client.withDeadline(Date.now() + deadlineMs, call);
    } catch (error) {
      throw error instanceof ScheduleNotFoundError ? error : toReleaseError(error, deadlineMs);
    }
  }

  async function describe(): Promise<ScheduleDescription | null> {
    try {
      return await within(() => client.schedule.getHandle(scheduleId).describe());
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return null;
      throw error;
    }
  }

  return {
    run: async () => {
      const description = await describe();
      if (!description) throw notScheduled(scheduleId);
      const running = runningOf(description);
      if (running !== undefined) return { started: false, running };
      await within(() => client.schedule.getHandle(scheduleId).trigger(ScheduleOverlapPolicy.SKIP));
      return { started: true, running: null };
    },
    state: async () => {
      const description = await describe();
      if (!description) return { schedule: null, running: null, last: null };
      const { state, info } = description;
      const running = runningOf(description) ?? null;
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
    },
  };
}

function notScheduled(scheduleId: string): ReleaseError {
  return new ReleaseError('ORCHESTRATOR_UNAVAILABLE', `There is no Schedule ${scheduleId} yet`, {
    details: { remedy: 'start the release worker: it makes the Schedule' },
  });
}
