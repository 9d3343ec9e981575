import type { Client, WorkflowHandle } from '@temporalio/client';
import { WithStartWorkflowOperation } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { activityInfo } from '@temporalio/activity';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { createActivities, type Activities, type Deps } from '../../activities';
import { laneWorkflowId, releaseWorkflowId } from '../../src/contract/ids';
import {
  MESSAGES,
  WORKFLOWS,
  type DecisionInput,
  type DecisionResult,
  type LaneStatus,
  type ReleaseRequest,
  type ReleaseResult,
  type RequestRollbackInput,
  type RequestRollbackResult,
  type RollbackResult,
  type SubmitReleaseResult,
} from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import { mintDecisionToken } from '../../src/contract/schema/decision-token';
import type { Actor } from '../../src/domain/actor';
import type { ReleaseStage, ReleaseStatus } from '../../src/domain/release';
import { KEY_IDS } from '../../src/ports/signer';
import type { FakeDeps } from './fake-deps';
import { createFakeKeyManagement } from './fakes/kms';
import { loadWorkflowBundle } from './temporal';

export interface TestWorkers {
  /** The parts that activities of this service work on, or, before that, all activities of the workflow of this id. */
  use(name: string, deps: Deps): void;
  /** Proves that both workers ended. */
  stop(): Promise<void>;
}

interface ActivityInput {
  readonly svc?: string;
  readonly releaseId?: string;
  readonly service?: { readonly svc: string };
  readonly release?: { readonly svc: string };
  readonly status?: { readonly svc: string };
  readonly entry?: { readonly svc: string };
}

function serviceOf(input: ActivityInput): string {
  const nested = input.service ?? input.release ?? input.status ?? input.entry;
  return input.svc ?? nested?.svc ?? input.releaseId?.split('/')[0] ?? '';
}

/** One pair of workers for many tests, each with parts of its own: starting workers takes seconds. */
function routeActivities(routes: ReadonlyMap<string, Activities>): Activities {
  const route =
    (name: keyof Activities) =>
    (input: ActivityInput): unknown => {
      const { workflowExecution } = activityInfo();
      const byWorkflow = routes.get(workflowExecution?.workflowId ?? '');
      const activities = byWorkflow ?? routes.get(serviceOf(input));
      if (!activities) throw new Error(`no parts for "${serviceOf(input)}" in ${name}`);
      return (activities[name] as (argument: ActivityInput) => unknown)(input);
    };
  const names = Object.keys(createActivities({} as FakeDeps)) as (keyof Activities)[];
  return Object.fromEntries(names.map((name) => [name, route(name)])) as unknown as Activities;
}

/** The two workers of the product, with real activities on fakes. */
export async function startWorkers(
  environment: TestWorkflowEnvironment,
  bundle?: WorkflowBundleOption,
): Promise<TestWorkers> {
  const workflowBundle = bundle ?? (await loadWorkflowBundle());
  const routes = new Map<string, Activities>();
  const workers = await Promise.all(
    Object.values(TASK_QUEUES).map((taskQueue) =>
      Worker.create({
        connection: environment.nativeConnection,
        namespace: environment.namespace ?? 'default',
        taskQueue,
        workflowBundle,
        activities: routeActivities(routes),
        stickyQueueScheduleToStartTimeout: '1s',
        shutdownForceTime: '5s',
        maxHeartbeatThrottleInterval: '1s',
      }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  return {
    use: (name, deps) => {
      routes.set(name, createActivities(deps));
    },
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
    },
  };
}

let requests = 0;

/** All fake services share one key for tokens. */
const kms = createFakeKeyManagement();

async function decisionOf(
  action: 'approve' | 'abort',
  releaseId: string,
  actor: Actor,
  reason: string,
): Promise<DecisionInput> {
  const mac = (data: Buffer): Promise<Buffer> => kms.mac(KEY_IDS.decision, data);
  const token = await mintDecisionToken(mac, actor, action, releaseId, Date.now());
  return { actor, reason, token };
}

export interface Caller {
  release(releaseId: string): WorkflowHandle;
  lane(svc: string): WorkflowHandle;
  updateLane<T>(svc: string, name: string, input: unknown): Promise<T>;
  submit(request: ReleaseRequest): Promise<SubmitReleaseResult>;
  getLane(svc: string): Promise<LaneStatus>;
  status(releaseId: string): Promise<ReleaseStatus>;
  result(releaseId: string): Promise<ReleaseResult>;
  decide(
    releaseId: string,
    action: 'approve' | 'abort',
    actor: Actor,
    reason?: string,
  ): Promise<DecisionResult>;
  /** Takes a waiting release out of its lane. */
  abortQueued(releaseId: string, actor: Actor, reason?: string): Promise<DecisionResult>;
  /** Asks for a rollback and waits for its end. */
  rollBack(input: RequestRollbackInput): Promise<RollbackResult>;
  /** Submits and waits for the end. */
  run(request: ReleaseRequest): Promise<ReleaseResult>;
  resultOnceStarted(releaseId: string): Promise<ReleaseResult>;
  /** Some activity of it has failed and will be tried again. */
  waitForRetry(releaseId: string): Promise<void>;
  waitForStage(releaseId: string, stage: ReleaseStage): Promise<ReleaseStatus>;
}

/** Speaks to the workflows as the orchestrator does. */
export function createCaller(client: Client): Caller {
  const release = (releaseId: string): WorkflowHandle =>
    client.workflow.getHandle(releaseWorkflowId(releaseId));
  const lane = (svc: string): WorkflowHandle => client.workflow.getHandle(laneWorkflowId(svc));

  async function updateLane<T>(svc: string, name: string, input: unknown): Promise<T> {
    requests += 1;
    return await client.workflow.executeUpdateWithStart(name, {
      args: [input],
      updateId: `request-${requests}`,
      startWorkflowOperation: new WithStartWorkflowOperation(WORKFLOWS.lane, {
        workflowId: laneWorkflowId(svc),
        taskQueue: TASK_QUEUES.control,
        args: [{ svc }],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    });
  }

  const caller: Caller = {
    release,
    lane,
    updateLane,
    submit: (request: ReleaseRequest) =>
      updateLane<SubmitReleaseResult>(request.service.svc, MESSAGES.submitRelease, request),
    getLane: (svc: string) => lane(svc).query<LaneStatus>(MESSAGES.getLane),
    status: (releaseId: string) => release(releaseId).query<ReleaseStatus>(MESSAGES.getStatus),
    result: (releaseId: string) => release(releaseId).result() as Promise<ReleaseResult>,
    decide: (releaseId: string, action: 'approve' | 'abort', actor: Actor, reason = 'test') =>
      decisionOf(action, releaseId, actor, reason).then((decision) =>
        release(releaseId).executeUpdate<DecisionResult, [DecisionInput]>(action, {
          args: [decision],
        }),
      ),
    abortQueued: async (releaseId: string, actor: Actor, reason = 'test') =>
      updateLane<DecisionResult>(releaseId.split('/')[0] ?? '', MESSAGES.abortQueued, {
        ...(await decisionOf('abort', releaseId, actor, reason)),
        releaseId,
      }),
    rollBack: async (input: RequestRollbackInput): Promise<RollbackResult> => {
      const { workflowId } = await updateLane<RequestRollbackResult>(
        input.service.svc,
        MESSAGES.requestRollback,
        input,
      );
      return (await client.workflow.getHandle(workflowId).result()) as RollbackResult;
    },
    run: async (request: ReleaseRequest): Promise<ReleaseResult> => {
      await caller.submit(request);
      return caller.resultOnceStarted(request.releaseId);
    },
    resultOnceStarted: async (releaseId: string): Promise<ReleaseResult> => {
      await eventually(async () => (await release(releaseId).describe()).workflowId);
      return caller.result(releaseId);
    },
    waitForRetry: (releaseId: string) =>
      eventually(async () => {
        const { raw } = await release(releaseId).describe();
        const retried = raw.pendingActivities?.some((one) => (one.attempt ?? 0) > 1);
        if (!retried) throw new Error('nothing is being retried');
      }),
    waitForStage: (releaseId: string, stage: ReleaseStage) =>
      eventually(async () => {
        const status = await caller.status(releaseId);
        if (status.stage !== stage) throw new Error(`at ${status.stage}, not at ${stage}`);
        return status;
      }),
  };
  return caller;
}

/** Tries until it does not throw, less and less often: most checks are work for a server. The last error is thrown after `timeoutMs`. */
export async function eventually<T>(check: () => Promise<T> | T, timeoutMs = 30_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = 20; ; pauseMs = Math.min(100, pauseMs * 1.5)) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
