import { Worker } from '@temporalio/worker';
import { laneWorkflowId, releaseWorkflowId, rollbackWorkflowId } from '../../src/contract/ids';
import { ADAM, ANNA, OLGA, testPolicy, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { keepHistory, type Recorded } from '../support/keep-history';
import { settleService } from '../support/settled-service';
import { loadWorkflowBundle } from '../support/temporal';
import { eventually } from '../support/workflow-env';

jest.setTimeout(90_000);

describe('the history of', () => {
  const server = useDevServer();
  const recorded: Recorded[] = [];

  async function record(name: string, workflowId: string, runId?: string): Promise<void> {
    const handle = server.environment.client.workflow.getHandle(workflowId, runId);
    recorded.push({
      name,
      workflowId: runId ? `${workflowId}#${runId}` : workflowId,
      history: await handle.fetchHistory(),
    });
  }

  it('every workflow replays as it was', async () => {
    const service = await settleService(server, 'history');
    const { caller, svc } = service;
    const approval = { ...testPolicy().approval, required: true, quorum: 2 };
    const staying = testPolicy({ approval });
    const firstLane = (await caller.lane(svc).describe()).runId;

    const happy = service.request('2.0.0');
    await caller.run(happy);
    await record('release/happy', releaseWorkflowId(happy.releaseId));

    const approved = service.request('3.0.0', { policy: staying });
    await caller.submit(approved);
    await eventually(() => caller.waitForStage(approved.releaseId, 'approval'));
    await caller.decide(approved.releaseId, 'approve', ADAM);
    await caller.decide(approved.releaseId, 'approve', ANNA);
    await caller.result(approved.releaseId);
    await record('release/approved', releaseWorkflowId(approved.releaseId));

    const aborted = service.request('4.0.0', { policy: staying });
    await caller.submit(aborted);
    await eventually(() => caller.waitForStage(aborted.releaseId, 'approval'));
    await caller.decide(aborted.releaseId, 'abort', OLGA);
    await caller.result(aborted.releaseId);
    await record('release/aborted', releaseWorkflowId(aborted.releaseId));

    const preempted = service.request('5.0.0', { policy: staying });
    await caller.submit(preempted);
    await eventually(() => caller.waitForStage(preempted.releaseId, 'approval'));
    await caller.rollBack({
      service: preempted.service,
      target: { kind: 'previous' },
      actor: OLGA,
      reason: 'lost orders',
      requestedAt: new Date().toISOString(),
      policy: testPolicy(),
      requestId: 'history',
    });
    await caller.result(preempted.releaseId);
    const rollback = rollbackWorkflowId(svc, 1);
    await server.environment.client.workflow.getHandle(`${rollback}/settle`).result();
    await record('rollback/pre-empts', rollback);
    await record('settle-rollback/settled', `${rollback}/settle`);

    await caller.updateLane(svc, 'resumeLane', { actor: OLGA, reason: 'go on' });
    service.deps.scenarios.breakScenario('buy', 'wrong price');
    const rejected = service.request('6.0.0', { policy: withoutWindows() });
    await caller.run(rejected);
    await record('release/rejected', releaseWorkflowId(rejected.releaseId));

    for (let turn = 7; turn < 60; turn += 1) {
      if ((await caller.lane(svc).describe()).runId !== firstLane) break;
      await caller.run(service.request(`${turn}.0.0`, { policy: withoutWindows() }));
    }
    await record('lane/until-continued', laneWorkflowId(svc), firstLane);
    await caller.run(service.request('99.0.0', { policy: withoutWindows() }));
    const { runId } = await caller.lane(svc).describe();
    expect(runId).not.toBe(firstLane);
    await record('lane/continued', laneWorkflowId(svc), runId);

    const errors = [];
    const options = { workflowBundle: await loadWorkflowBundle() };
    for await (const result of Worker.runReplayHistories(options, recorded)) {
      if (result.error) errors.push([result.workflowId, result.error]);
    }

    expect(errors).toEqual([]);
    for (const one of recorded) keepHistory(one);
  });
});
