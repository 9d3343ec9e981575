import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { releaseWorkflowId } from '../../src/contract/ids';
import { MESSAGES, WORKFLOWS, type ReleaseResult } from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { Policy } from '../../src/domain/policy';
import type { ReleaseStatus } from '../../src/domain/release';
import type { WindowQuery, WindowSample } from '../../src/ports/metrics-source';
import { releaseRequest, testPolicy } from '../support/builders';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { healthySample } from '../support/fakes/metrics-source';
import { startTimeSkippingServer } from '../support/temporal';
import { startWorkers, type TestWorkers } from '../support/workflow-env';

jest.setTimeout(60_000);

const MINUTE = 60_000;

/** The observation of the standard, and no other window. */
function standard(): Policy {
  const policy = testPolicy();
  return {
    ...policy,
    canary: { ...policy.canary, windowMs: 0 },
    observation: {
      ...policy.observation,
      windowMs: 15 * MINUTE,
      checkpointMs: MINUTE,
      maxExtensions: 2,
    },
    timeouts: { ...policy.timeouts, releaseMs: 120 * MINUTE },
  };
}

describe('the 15 minutes of observation', () => {
  let environment: TestWorkflowEnvironment;
  let workers: TestWorkers;

  beforeAll(async () => {
    environment = await startTimeSkippingServer();
    workers = await startWorkers(environment);
  });

  afterAll(async () => {
    await workers.stop();
    await environment.teardown();
  });

  async function observe(
    svc: string,
    sample: (query: WindowQuery, minute: number) => WindowSample,
  ): Promise<{ result: ReleaseResult; status: ReleaseStatus; deps: FakeDeps; minutes: number[] }> {
    const minutes: number[] = [];
    const deps = await createFakeDeps({
      metrics: (query) => {
        const minute = (Date.parse(query.to) - Date.parse(query.from)) / MINUTE;
        minutes.push(Math.round(minute));
        return sample(query, minute);
      },
    });
    workers.use(svc, deps);
    const request = releaseRequest(svc, '1.0.0', { policy: standard() });
    const handle = await environment.client.workflow.start(WORKFLOWS.release, {
      workflowId: releaseWorkflowId(request.releaseId),
      taskQueue: TASK_QUEUES.release,
      args: [{ ...request, epoch: 1 }],
    });
    const result = (await handle.result()) as ReleaseResult;
    const status = await handle.query<ReleaseStatus>(MESSAGES.getStatus);
    return { result, status, deps, minutes };
  }

  const lengthOf = (status: ReleaseStatus): number => {
    const step = status.steps.find((one) => one.title === 'observation');
    return (Date.parse(step?.endedAt ?? '') - Date.parse(step?.startedAt ?? '')) / MINUTE;
  };

  it('last 15 minutes, looked at each minute, and end in prod:stable', async () => {
    const { result, status, minutes } = await observe('full', () => healthySample());

    expect(result.outcome).toBe('released');
    expect(lengthOf(status)).toBeCloseTo(15, 1);
    expect(minutes).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
  });

  it('end at the checkpoint that sees a breach', async () => {
    const { result, status, deps } = await observe('breach', (_, minute) =>
      healthySample({ errors: minute > 6.5 ? 200 : 0 }),
    );

    expect(result.outcome).toBe('rejected');
    expect(lengthOf(status)).toBeCloseTo(7, 1);
    expect(await deps.registry.resolve('channels/prod/breach', 'stable')).toBeNull();
  });

  it('are extended while there is too little traffic, and pass once there is enough', async () => {
    const { result, status } = await observe('quiet', (_, minute) =>
      healthySample({ requests: minute > 20 ? 100 : 3 }),
    );

    expect(result.outcome).toBe('released');
    expect(lengthOf(status)).toBeCloseTo(30, 1);
  });

  it('end without a pass when traffic never comes, after the extensions of the policy', async () => {
    const { result, status } = await observe('silent', () =>
      healthySample({ requests: 0, p95Ms: null }),
    );

    expect(result.outcome).toBe('rejected');
    expect(lengthOf(status)).toBeCloseTo(45, 1);
  });
});
