import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { releaseWorkflowId } from '../../src/contract/ids';
import {
  MESSAGES,
  WORKFLOWS,
  type ReleaseRequest,
  type ReleaseResult,
} from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { GivenPlan } from '../../src/domain/plan-given';
import { planOf } from '../../src/domain/plan-of';
import type { ReleaseStatus, ReleaseStep } from '../../src/domain/release';
import { fakeDigest } from './api-fixtures';
import { releaseRequest, testPolicy, testService } from './builders';
import { createFakeDeps, type FakeDeps, type FakeDepsOptions } from './fake-deps';
import { latencies } from './window-evidence';
import type { SeriesScript } from './fakes/metrics-source';
import { startTimeSkippingServer } from './temporal';
import { startWorkers, type TestWorkers } from './workflow-env';

export const MINUTE = 60_000;
/** What serves in stg and prod before the release. */
export const STABLE = fakeDigest('stable');

/** One canary step beside stable, one alone, and the observation; looked at each minute. */
export const PLAN: GivenPlan = {
  canary: {
    steps: [
      { percent: 25, windowMs: 5 * MINUTE },
      { percent: 100, windowMs: 5 * MINUTE },
    ],
    checkpointMs: MINUTE,
  },
  observation: { windowMs: 5 * MINUTE, checkpointMs: MINUTE },
  judge: { sampleIntervalMs: 5_000 },
};

/** The candidate at so many times the latency of stable. */
export function slowed(times: number): SeriesScript {
  return ({ query }, count) => {
    const isStable = query.includes(STABLE);
    const values = latencies(isStable ? 0.1 : 0.1 * times, isStable ? 2 : 1);
    return [Array.from({ length: count }, (_, n) => values[n % values.length] ?? null)];
  };
}

export interface PlannedRelease {
  readonly svc: string;
  readonly deps: FakeDeps;
  readonly request: ReleaseRequest;
  readonly handle: WorkflowHandle;
  status(): Promise<ReleaseStatus>;
  /** Waits for the end; time is skipped meanwhile. */
  end(): Promise<{ readonly result: ReleaseResult; readonly status: ReleaseStatus }>;
}

export interface PlannedOptions extends FakeDepsOptions {
  /** Nothing is stable yet. */
  readonly isFirst?: boolean;
  readonly given?: GivenPlan;
  /** Before it starts. */
  readonly arrange?: (deps: FakeDeps) => void | Promise<void>;
  readonly request?: Partial<ReleaseRequest>;
}

export interface PlanServer {
  environment: TestWorkflowEnvironment;
  workers: TestWorkers;
  start(svc: string, options?: PlannedOptions): Promise<PlannedRelease>;
}

async function settle(deps: FakeDeps, svc: string): Promise<void> {
  const image = { repository: `apps/${svc}/${svc}`, digest: STABLE };
  for (const env of ['stg', 'prod'] as const) {
    await deps.rollout.makeStable({ svc, env, epoch: 0 }, image, '/healthz', 1);
  }
  deps.rollout.calls.length = 0;
}

function requestOf(svc: string, { given = PLAN, request }: PlannedOptions): ReleaseRequest {
  const { timeouts } = testPolicy();
  const policy = testPolicy({ timeouts: { ...timeouts, releaseMs: 600 * MINUTE } });
  const service = { ...testService(svc), scenarios: [] };
  const common = { policy, service, ...request };
  return releaseRequest(svc, '2.0.0', { plan: planOf({ ...common, given }), ...common });
}

/** Releases by a plan, without a lane, on a server that skips time while their end is waited for. */
export function usePlanServer(
  bundle?: () => Promise<WorkflowBundleOption>,
  startServer = startTimeSkippingServer,
): PlanServer {
  const server = {} as PlanServer;
  beforeAll(async () => {
    server.environment = await startServer();
    server.workers = await startWorkers(server.environment, await bundle?.());
  });
  afterAll(async () => {
    await server.workers.stop();
    await server.environment.teardown();
  });

  server.start = async (svc, options = {}) => {
    const deps = await createFakeDeps(options);
    if (!options.isFirst) await settle(deps, svc);
    await options.arrange?.(deps);
    server.workers.use(svc, deps);
    const request = requestOf(svc, options);
    const handle = await server.environment.client.workflow.start(WORKFLOWS.release, {
      workflowId: releaseWorkflowId(request.releaseId),
      taskQueue: TASK_QUEUES.release,
      args: [{ ...request, epoch: 1 }],
    });
    const status = (): Promise<ReleaseStatus> => handle.query<ReleaseStatus>(MESSAGES.getStatus);
    return {
      svc,
      deps,
      request,
      handle,
      status,
      end: async () => ({
        result: (await handle.result()) as ReleaseResult,
        status: await status(),
      }),
    };
  };
  return server;
}

export function stepOf({ steps }: ReleaseStatus, title: string): ReleaseStep | undefined {
  return steps.find((step) => step.title === title);
}

export function minutesOf(status: ReleaseStatus, title: string): number {
  const step = stepOf(status, title);
  return (Date.parse(step?.endedAt ?? '') - Date.parse(step?.startedAt ?? '')) / MINUTE;
}

/** Every share of the traffic that a candidate was given. */
export function sharesGiven({ deps }: Pick<PlannedRelease, 'deps'>): readonly unknown[] {
  return deps.rollout.calls
    .filter(({ method }) => method === 'setCandidatePercent')
    .map(({ args }) => args[2]);
}

/** Traffic is where it was, and no channel holds the release. */
export async function takenBackByPlan({ deps, svc }: PlannedRelease): Promise<boolean> {
  const channels = await deps.ledger.listChannels(svc);
  const isServed = (['stg', 'prod'] as const).every((env) => {
    const state = deps.rollout.states.get(`${svc}/${env}`);
    return state?.stable === STABLE && state.candidate === null && state.candidatePercent === 0;
  });
  const isHeld = channels.some(({ channel, digest }) => !channel.startsWith('dev:') && digest);
  return isServed && !isHeld;
}
