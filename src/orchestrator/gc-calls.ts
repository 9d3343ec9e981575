import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { ReleaseError } from '../contract/errors';
import {
  GC_MESSAGES,
  GC_WORKFLOWS,
  type GcAnswer,
  type GcAskInput,
  type GcPlanInput,
  type GcPlanReport,
} from '../contract/gc-messages';
import { GC_RUN_WORKFLOWS, type GcRunInput } from '../contract/gc-run-messages';
import { GC_ID, gcPlanWorkflowId, gcRunWorkflowId } from '../contract/ids';
import { TASK_QUEUES } from '../contract/queues';
import { isNotFound, toReleaseError } from './errors';
import { createScheduledRuns, type RunStart, type ScheduledRuns } from './scheduled-runs';

/** How far the plan of a repository, or of all, is that somebody asked for last. */
export interface GcPlanningState {
  readonly workflowId: string;
  readonly running: boolean;
  /** What its activity says it does; null when it says nothing. */
  readonly progress: string | null;
  readonly report: GcPlanReport | null;
}

/** Clean-up. Throws ReleaseError ORCHESTRATOR_UNAVAILABLE. */
export interface GcCalls {
  readonly schedule: Pick<ScheduledRuns<GcPlanReport>, 'state'>;
  /** At most one a repository is under way, and one of all. */
  plan(input: GcPlanInput): Promise<RunStart>;
  /** Null when nobody asked, or it is forgotten. */
  planning(repository: string | null): Promise<GcPlanningState | null>;
  /** One run a plan, however often it is asked for; the run itself sees whether the plan may run. */
  run(input: GcRunInput): Promise<RunStart>;
  /** Waits for the answer. Throws TIMED_OUT, and the code of what stayed away. */
  ask(input: GcAskInput, requestId: string): Promise<GcAnswer>;
}

/** Below the longest time that the API gives a handler. */
const ASK_DEADLINE_MS = 60_000;

interface Order {
  readonly type: string;
  readonly workflowId: string;
  readonly input: unknown;
  readonly summary: string;
}

function progressOf({ raw }: WorkflowExecutionDescription): string | null {
  const [payload] = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads ?? [];
  const text = payload ? defaultPayloadConverter.fromPayload<unknown>(payload) : null;
  return typeof text === 'string' ? text : null;
}

class GcClient {
  private readonly client: Client;
  private readonly deadlineMs: number;

  constructor(client: Client, deadlineMs: number) {
    this.client = client;
    this.deadlineMs = deadlineMs;
  }

  async start({ type, workflowId, input, summary }: Order): Promise<RunStart> {
    try {
      await this.within(() =>
        this.client.workflow.start(type, {
          workflowId,
          taskQueue: TASK_QUEUES.release,
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
          args: [input],
          staticSummary: summary,
        }),
      );
      return { started: true, running: null };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
        throw toReleaseError(error, this.deadlineMs);
      }
      return { started: false, running: workflowId };
    }
  }

  async planning(workflowId: string): Promise<GcPlanningState | null> {
    const handle = this.client.workflow.getHandle(workflowId);
    try {
      const description = await this.within(() => handle.describe());
      const running = description.status.name === 'RUNNING';
      const report = await this.reportOf(workflowId, running);
      return { workflowId, running, progress: running ? progressOf(description) : null, report };
    } catch (error) {
      if (isNotFound(error)) return null;
      throw toReleaseError(error, this.deadlineMs);
    }
  }

  /** Null when no worker answers, and of one that was stopped: that it ran is known all the same. */
  private async reportOf(workflowId: string, running: boolean): Promise<GcPlanReport | null> {
    const handle = this.client.workflow.getHandle(workflowId);
    try {
      return await this.within(() =>
        running
          ? handle.query<GcPlanReport>(GC_MESSAGES.getPlanning)
          : (handle.result() as Promise<GcPlanReport>),
      );
    } catch {
      return null;
    }
  }

  async ask(input: GcAskInput, workflowId: string): Promise<GcAnswer> {
    await this.start({
      ...{ type: GC_WORKFLOWS.ask, workflowId, input },
      summary:
        input.question.kind === 'diff' ? 'What a policy would flip' : 'Why something is kept',
    });
    const handle = this.client.workflow.getHandle(workflowId);
    const endsAt = Date.now() + ASK_DEADLINE_MS;
    try {
      return await this.client.withDeadline(endsAt, () => handle.result() as Promise<GcAnswer>);
    } catch (error) {
      if (Date.now() < endsAt - 1000) throw toReleaseError(error, ASK_DEADLINE_MS);
      // Nobody waits for it any more.
      await this.within(() => handle.cancel()).catch(() => undefined);
      throw new ReleaseError('TIMED_OUT', 'All of the inventory could not be read in a minute', {
        cause: error,
        details: { remedy: 'check that the release worker runs, then try again' },
      });
    }
  }

  private within<Result>(call: () => Promise<Result>): Promise<Result> {
    return this.client.withDeadline(Date.now() + this.deadlineMs, call);
  }
}

export function createGcCalls(client: Client, deadlineMs: number): GcCalls {
  const calls = new GcClient(client, deadlineMs);
  const schedule = createScheduledRuns<GcPlanReport>(client, deadlineMs, {
    scheduleId: GC_ID,
    query: GC_MESSAGES.getPlanning,
    worker: 'release',
  });
  return {
    schedule: { state: () => schedule.state() },
    plan: (input) =>
      calls.start({
        type: GC_WORKFLOWS.plan,
        workflowId: gcPlanWorkflowId(input.repository),
        input,
        summary: `Plan the clean-up of ${input.repository ?? 'the registry'}`,
      }),
    planning: (repository) => calls.planning(gcPlanWorkflowId(repository)),
    run: (input) =>
      calls.start({
        type: GC_RUN_WORKFLOWS.run,
        workflowId: gcRunWorkflowId(input.planId),
        input,
        summary: `Clean-up by ${input.planId}`,
      }),
    ask: (input, requestId) => calls.ask(input, `gc-ask/${requestId}`),
  };
}
