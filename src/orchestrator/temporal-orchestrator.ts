import {
  WithStartWorkflowOperation,
  WorkflowIdConflictPolicy,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { ReleaseError } from '../contract/errors';
import {
  CHECK_ID,
  DATABASE_MIRROR_ID,
  DRILL_ID,
  EXCEPTION_EXPIRY_ID,
  laneWorkflowId,
  RECONCILE_ID,
  releaseWorkflowId,
  type ReleaseId,
} from '../contract/ids';
import { DATABASE_MESSAGES } from '../contract/database-messages';
import {
  MESSAGES,
  WORKFLOWS,
  type DecisionInput,
  type DecisionResult,
  type LaneStatus,
  type RequestRollbackResult,
  type RollbackResult,
  type SubmitReleaseResult,
} from '../contract/messages';
import { TASK_QUEUES } from '../contract/queues';
import type { ReleaseStatus } from '../domain/release';
import { createAdvisoryAnswers } from './advisory-cases';
import { createBaseImports } from './base-imports';
import { isNotFound, toReleaseError } from './errors';
import { createGcRuns } from './gc-runs';
import { createGcCalls } from './gc-calls';
import { emptyLane, type Orchestrator } from './orchestrator';
import { createRescanning } from './rescans';
import { createRollupRuns } from './rollups';
import { createQuarantineAlerts } from './quarantine-alerts';
import { createScheduledRuns } from './scheduled-runs';
import { createWormRuns } from './worm-runs';

interface OrchestratorOptions {
  readonly client: Client;
  /** For a single call. Updates beyond ten in flight wait without a word, so none goes without. */
  readonly deadlineMs: number;
  /** For the end of a rollback. */
  readonly rollbackDeadlineMs: number;
}

/** Update ids are unique in a workflow; the prefix keeps a request id reused for another message apart. */
const updateId = (message: string, requestId: string): string => `${message}:${requestId}`;

export function createOrchestrator(options: OrchestratorOptions): Orchestrator {
  const temporal = new TemporalCalls(options.client, options.deadlineMs);
  return {
    submitRelease: (request, requestId) =>
      temporal.updateLane<SubmitReleaseResult>(
        request.service.svc,
        MESSAGES.submitRelease,
        request,
        requestId,
      ),
    rollBack: async (order, requestId) => {
      const { svc } = order.service;
      const input = { ...order, requestId };
      const { workflowId } = await temporal.updateLane<RequestRollbackResult>(
        svc,
        MESSAGES.requestRollback,
        input,
        requestId,
      );
      return temporal.rollbackResult(workflowId, options.rollbackDeadlineMs);
    },
    findRollback: async (svc, requestId) => {
      const workflowId = await temporal.findRollback(svc, requestId);
      if (workflowId === null) return null;
      return temporal.rollbackResult(workflowId, options.rollbackDeadlineMs);
    },
    approve: (id, decision, requestId) =>
      temporal.decide(id, MESSAGES.approve, decision, requestId),
    abort: (id, decision, requestId) => abort(temporal, id, decision, requestId),
    holdLane: (svc, hold, requestId) =>
      temporal.updateLane<LaneStatus>(svc, MESSAGES.holdLane, hold, requestId),
    resumeLane: (svc, hold, requestId) =>
      temporal.updateLane<LaneStatus>(svc, MESSAGES.resumeLane, hold, requestId),
    getLane: (svc) => temporal.getLane(svc),
    getStatus: (id) => temporal.getStatus(id),
    gcRuns: createGcRuns(options.client, options.deadlineMs),
    reconcile: createScheduledRuns(options.client, options.deadlineMs, {
      scheduleId: RECONCILE_ID,
      query: MESSAGES.getReconcile,
      worker: 'release',
    }),
    checks: createScheduledRuns(options.client, options.deadlineMs, {
      scheduleId: CHECK_ID,
      query: MESSAGES.getCheck,
      worker: 'control',
    }),
    drill: createScheduledRuns(options.client, options.deadlineMs, {
      scheduleId: DRILL_ID,
      worker: 'control',
    }),
    ...createAdvisoryCalls(options),
    rescans: createRescanning(options.client, options.deadlineMs),
    rollups: createRollupRuns(options.client, options.deadlineMs),
    gc: createGcCalls(options.client, options.deadlineMs),
    alertQuarantine: createQuarantineAlerts(options.client, options.deadlineMs),
    worm: createWormRuns(options.client, options.deadlineMs),
    baseImports: createBaseImports(options.client, options.deadlineMs),
    ping: () => temporal.ping(),
  };
}

function createAdvisoryCalls({
  client,
  deadlineMs,
}: OrchestratorOptions): Pick<Orchestrator, 'advisories' | 'databaseMirror' | 'exceptions'> {
  return {
    advisories: createAdvisoryAnswers(client, deadlineMs),
    exceptions: createScheduledRuns(client, deadlineMs, {
      scheduleId: EXCEPTION_EXPIRY_ID,
      query: MESSAGES.getExceptionExpiry,
      worker: 'control',
    }),
    databaseMirror: createScheduledRuns(client, deadlineMs, {
      scheduleId: DATABASE_MIRROR_ID,
      query: DATABASE_MESSAGES.getReport,
      worker: 'release',
    }),
  };
}

/**
 * A queued release is no workflow yet: the lane takes it out. Between the two looks it may have
 * started, so a lane that no longer has it sends us back to the release once.
 */
async function abort(
  temporal: TemporalCalls,
  id: ReleaseId,
  decision: DecisionInput,
  requestId: string,
): Promise<DecisionResult> {
  const svc = id.slice(0, id.indexOf('/'));
  const lane = await temporal.getLane(svc);
  if (lane.queued.some((entry) => entry.releaseId === id)) {
    try {
      const input = { ...decision, releaseId: id };
      const queued = await temporal.updateLane<DecisionResult>(
        svc,
        MESSAGES.abortQueued,
        input,
        requestId,
      );
      if (queued.accepted) return queued;
    } catch (error) {
      if (!(error instanceof ReleaseError) || error.code === 'ORCHESTRATOR_UNAVAILABLE')
        throw error;
    }
  }
  return temporal.decide(id, MESSAGES.abort, decision, requestId);
}

class TemporalCalls {
  private readonly client: Client;
  private readonly deadlineMs: number;

  constructor(client: Client, deadlineMs: number) {
    this.client = client;
    this.deadlineMs = deadlineMs;
  }

  /** Update-with-start: the lane is there from the first message on. */
  updateLane<Result>(
    svc: string,
    message: string,
    input: unknown,
    requestId: string,
  ): Promise<Result> {
    const start = new WithStartWorkflowOperation(WORKFLOWS.lane, {
      workflowId: laneWorkflowId(svc),
      taskQueue: TASK_QUEUES.control,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      args: [{ svc }],
      staticSummary: `Lane of ${svc}`,
    });
    return this.within(this.deadlineMs, () =>
      this.client.workflow.executeUpdateWithStart<never, Result, unknown[]>(message, {
        args: [input],
        updateId: updateId(message, requestId),
        startWorkflowOperation: start as WithStartWorkflowOperation<never>,
      }),
    );
  }

  async decide(
    id: ReleaseId,
    message: string,
    decision: DecisionInput,
    requestId: string,
  ): Promise<DecisionResult> {
    const handle = this.client.workflow.getHandle(releaseWorkflowId(id));
    try {
      return await this.within(this.deadlineMs, () =>
        handle.executeUpdate<DecisionResult, [DecisionInput]>(message, {
          args: [decision],
          updateId: updateId(message, requestId),
        }),
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw await this.whyNotFound(handle, id);
    }
  }

  async getLane(svc: string): Promise<LaneStatus> {
    const handle = this.client.workflow.getHandle(laneWorkflowId(svc));
    try {
      return await this.within(this.deadlineMs, () => handle.query<LaneStatus>(MESSAGES.getLane));
    } catch (error) {
      if (isNotFound(error)) return emptyLane(svc);
      throw error;
    }
  }

  async getStatus(id: ReleaseId): Promise<ReleaseStatus | null> {
    const handle = this.client.workflow.getHandle(releaseWorkflowId(id));
    try {
      return await this.within(this.deadlineMs, () =>
        handle.query<ReleaseStatus>(MESSAGES.getStatus),
      );
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  /** Workflow of the rollback that an earlier update of this id started; null when the lane knows none. */
  async findRollback(svc: string, requestId: string): Promise<string | null> {
    const lane = this.client.workflow.getHandle(laneWorkflowId(svc));
    const id = updateId(MESSAGES.requestRollback, requestId);
    try {
      const update = lane.getUpdateHandle<RequestRollbackResult>(id);
      return (await this.within(this.deadlineMs, () => update.result())).workflowId;
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  async rollbackResult(workflowId: string, deadlineMs: number): Promise<RollbackResult> {
    const handle = this.client.workflow.getHandle(workflowId);
    try {
      return await this.within(deadlineMs, () => handle.result() as Promise<RollbackResult>);
    } catch (error) {
      if (!(error instanceof ReleaseError) || error.code !== 'ORCHESTRATOR_UNAVAILABLE')
        throw error;
      throw new ReleaseError('TIMED_OUT', `${workflowId} was started and has not ended yet`, {
        cause: error,
        details: {
          workflowId,
          remedy: 'it goes on by itself: watch it in the Web UI or the history',
        },
      });
    }
  }

  async ping(): Promise<void> {
    await this.within(this.deadlineMs, () => this.client.workflowService.getSystemInfo({}));
  }

  private async whyNotFound(handle: WorkflowHandle, id: ReleaseId): Promise<ReleaseError> {
    try {
      const { status } = await this.within(this.deadlineMs, () => handle.describe());
      return new ReleaseError('ALREADY_ENDED', `${id} has ended already (${status.name})`, {
        details: { remedy: `see how: plura reg status ${id}` },
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return new ReleaseError('RELEASE_NOT_FOUND', `There is no release ${id}`, {
        cause: error,
        details: { field: 'release', remedy: 'list them: plura reg list' },
      });
    }
  }

  private async within<Result>(deadlineMs: number, call: () => Promise<Result>): Promise<Result> {
    try {
      return await this.client.withDeadline(Date.now() + deadlineMs, call);
    } catch (error) {
      throw isNotFound(error) ? error : toReleaseError(error, deadlineMs);
    }
  }
}
