import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import {
  GC_RUN_WORKFLOWS,
  gcRunInput,
  type GcRunInput,
  type GcRunReport,
  type ReclaimReport,
} from '../../src/contract/gc-run-messages';
import { GC_RECLAIM_ID, gcRunWorkflowId } from '../../src/contract/ids';
import { TASK_QUEUES } from '../../src/contract/queues';
import { A } from '../support/contracts/ledger-builders';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { createFakeReclaimer, type FakeReclaimer } from '../support/fakes/reclaimer';
import { fakeDigest } from '../support/api-fixtures';
import { manifestItem, planOf } from '../support/gc-world';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';

jest.setTimeout(60_000);

const REPOSITORY = 'apps/shop/web';
const SETTINGS = { drainMs: 10, settleMs: 10, collectorMs: 1000, leaseMs: 1000 };

describe('gcRunWorkflow that nobody waits for', () => {
  const server = useDevServer();
  let deps: FakeDeps;
  let reclaimer: FakeReclaimer;

  beforeEach(async () => {
    reclaimer = createFakeReclaimer();
    deps = { ...(await createFakeDeps()), reclaimer };
    server.workers.use('', deps);
  });

  /** Of a plan with one item, which an earlier attempt has deleted unless it `lacks` its tombstone. */
  async function run(
    afterMs: number,
    lacks = false,
  ): Promise<WorkflowHandleWithFirstExecutionRunId> {
    const plan = planOf([manifestItem(REPOSITORY, A)]);
    await deps.gcPlans.savePlan(plan, 'ana');
    const bytes = Buffer.from('{}');
    const buried = { repository: REPOSITORY, digest: A, mediaType: 'manifest', bytes, tags: [] };
    const planId = lacks ? 'gc-other' : plan.id;
    await deps.tombstones.bury({ ...buried, planId, deletedAt: new Date().toISOString() });
    const input: GcRunInput = {
      ...gcRunInput(plan.id, 'ana', { reclaim: 'after-run', undeleteMs: afterMs }),
      reclaim: { afterMs, settings: SETTINGS },
    };
    return server.environment.client.workflow.start(GC_RUN_WORKFLOWS.run, {
      workflowId: gcRunWorkflowId(plan.id),
      taskQueue: TASK_QUEUES.release,
      args: [input],
    });
  }

  it('starts the reclaim, whose report is kept', async () => {
    const handle = await run(20);
    const report = (await handle.result()) as GcRunReport;
    const { workflowId } = handle;
    const history = await handle.fetchHistory();
    keepHistory({ name: 'gc-run/then-reclaimed', workflowId, history });

    expect(report).toMatchObject({ outcome: 'done', reclaim: containing(GC_RECLAIM_ID) });
    const reclaim = server.environment.client.workflow.getHandle(GC_RECLAIM_ID);
    expect((await reclaim.result()) as ReclaimReport).toMatchObject<Partial<ReclaimReport>>({
      outcome: 'done',
    });
    expect(await deps.reclaims.list(1)).toMatchObject([{ state: 'done' }]);
    expect(deps.notifier.sent).toEqual([]);
  });

  it('tells people of a run that nobody waits for, when it was refused', async () => {
    const plan = planOf([manifestItem(REPOSITORY, A)]);
    await deps.gcPlans.savePlan({ ...plan, expiresAt: plan.madeAt }, 'system');
    const input = gcRunInput(plan.id, 'system', { reclaim: 'after-run', undeleteMs: 0 });

    const report: unknown = await server.environment.client.workflow.execute(GC_RUN_WORKFLOWS.run, {
      workflowId: gcRunWorkflowId(plan.id),
      taskQueue: TASK_QUEUES.release,
      args: [{ ...input, alert: true }],
    });

    expect(report).toMatchObject({ outcome: 'refused' });
    expect(deps.notifier.sent).toMatchObject([
      { id: `gc-run/${plan.id}`, text: containing('expired') },
    ]);
  });

  it('tells people when nothing was taken back', async () => {
    reclaimer.fail('COLLECTOR_FAILED', 1, 'collect');

    await (await run(0)).result();

    const handle = server.environment.client.workflow.getHandle(GC_RECLAIM_ID);
    expect(await handle.result()).toMatchObject<Partial<ReclaimReport>>({ outcome: 'failed' });
    expect(deps.notifier.sent).toMatchObject([{ text: containing('gc reclaim --now') }]);
  });

  it('leaves the disk alone where nothing was deleted', async () => {
    const report = (await (await run(0, true)).result()) as GcRunReport;

    expect(report.counts).toMatchObject({ deleted: 0, skipped: 1 });
    expect(report.reclaim).toBeUndefined();
  });

  it('goes on in new runs where the plan is long, to its last item', async () => {
    const items = Array.from({ length: 60 }, (_, item) =>
      manifestItem(REPOSITORY, fakeDigest(String(item))),
    );
    const plan = planOf(items);
    await deps.gcPlans.savePlan(plan, 'ana');
    const { settings, ...input } = gcRunInput(plan.id, 'ana', { reclaim: 'off', undeleteMs: 0 });

    const handle = await server.environment.client.workflow.start(GC_RUN_WORKFLOWS.run, {
      workflowId: gcRunWorkflowId(plan.id),
      taskQueue: TASK_QUEUES.release,
      args: [{ ...input, settings: { ...settings, sliceSize: 1 } }],
    });
    const report: unknown = await handle.result();

    expect(report).toMatchObject({ outcome: 'done', next: 60, counts: { skipped: 60 } });
    const { runId } = await server.environment.client.workflow
      .getHandle(handle.workflowId)
      .describe();
    expect(runId).not.toBe(handle.firstExecutionRunId);
  });

  it('calls it off when it is cancelled before', async () => {
    const handle = await run(3_600_000);
    for (;;) {
      const state = await handle.query<GcRunReport>('getGcRun');
      if (state.reclaim !== undefined) break;
    }

    await handle.cancel();

    expect(await handle.result()).toMatchObject({ outcome: 'done', reclaim: containing('off') });
    expect(await deps.reclaims.list(1)).toEqual([]);
  });
});
