import { Worker } from '@temporalio/worker';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import {
  MESSAGES,
  WORKFLOWS,
  type ReconcileReport,
  type ReconcileSettings,
} from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { Digest } from '../../src/domain/digest';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { keepHistory } from '../support/keep-history';
import { loadWorkflowBundle } from '../support/temporal';
import { containing } from '../support/matchers';

jest.setTimeout(60_000);

const APP = 'apps/shop/shop';
const TAG = '1.0.0_abc1234';

describe('reconcileRegistryWorkflow', () => {
  const server = useDevServer();
  let deps: FakeDeps;
  let runs = 0;

  beforeEach(async () => {
    deps = await createFakeDeps();
    // Only alarms name a service.
    for (const svc of ['', 'shop']) server.workers.use(svc, deps);
  });

  function start(
    settings: Partial<ReconcileSettings> = {},
  ): Promise<WorkflowHandleWithFirstExecutionRunId> {
    runs += 1;
    return server.environment.client.workflow.start(WORKFLOWS.reconcileRegistry, {
      workflowId: `reconcile-registry-${String(runs)}`,
      taskQueue: TASK_QUEUES.release,
      args: [
        {
          settings: {
            everyMs: 900_000,
            confirmAfterMs: 1,
            pendingAfterMs: 0,
            manifestShares: 1,
            maxForgotten: 10,
            ...settings,
          },
        },
      ],
    });
  }

  async function run(settings: Partial<ReconcileSettings> = {}): Promise<ReconcileReport> {
    return (await (await start(settings)).result()) as ReconcileReport;
  }

  async function pushThrough(tag: string, repository = APP): Promise<Digest> {
    const digest = deps.catalog.push({ repository, user: tag }, tag);
    const push = {
      ...{ repository, digest, tag, writeOnce: true, actor: 'builder', id: `${repository} ${tag}` },
      ...{ mediaType: 'application/vnd.oci.image.manifest.v1+json', artifactType: null },
      ...{ size: 400, subject: null, edges: [], at: '2026-01-01T00:00:00.000Z' },
    };
    await deps.inventory.beginPush(push);
    await deps.inventory.completePush(push);
    return digest;
  }

  it('ends clean, without a word, where all came through the gateway', async () => {
    await pushThrough(TAG);
    await pushThrough('2.0.0_abc1234');

    const report = await run();

    expect(report).toMatchObject({
      outcome: 'clean',
      counts: { repositories: 1, tags: 2, drift: 0, alarmed: 0, errors: 0 },
    });
    expect(report.endedAt).not.toBeNull();
    expect(deps.notifier.sent).toEqual([]);
  });

  it('puts a write-once tag back and alarms, records what came around the gateway and says so', async () => {
    const digest = await pushThrough(TAG);
    const intruder = deps.catalog.push({ repository: APP, user: 'intruder' }, TAG);
    deps.catalog.push({ repository: APP, user: 'new' }, '2.0.0_abc1234');

    const handle = await start();
    const report = (await handle.result()) as ReconcileReport;

    expect(report).toMatchObject({
      outcome: 'drift',
      counts: { drift: 2, repaired: 2, around: 1, alarmed: 1, errors: 0 },
    });
    expect(deps.catalog.tagOf(APP, TAG)).toBe(digest);
    const [alarm, summary] = deps.notifier.sent;
    expect(alarm).toMatchObject({ severity: 'critical', svc: 'shop' });
    expect(alarm?.text).toContain(intruder);
    expect(alarm?.text).toContain(`put back to ${digest}`);
    expect(summary).toMatchObject({ severity: 'warning' });
    expect(summary?.text).toContain('2.0.0_abc1234');
    expect(await handle.query(MESSAGES.getReconcile)).toEqual(report);
    expect(await run()).toMatchObject({ outcome: 'clean' });

    const recorded = {
      name: 'reconcile-registry/repaired',
      workflowId: handle.workflowId,
      history: await handle.fetchHistory(),
    };
    for await (const result of Worker.runReplayHistories(
      { workflowBundle: await loadWorkflowBundle() },
      [recorded],
    )) {
      expect(result.error).toBeUndefined();
    }
    keepHistory(recorded);
  });

  it('notes a few that are gone', async () => {
    await pushThrough(TAG);
    await pushThrough('2.0.0_abc1234');
    deps.catalog.deleteTag(APP, TAG);

    const report = await run();

    expect(report).toMatchObject({ outcome: 'drift', counts: { repaired: 1, withheld: 0 } });
    expect(await deps.inventory.getTag(APP, TAG)).toBeNull();
    expect(deps.notifier.sent).toMatchObject([{ severity: 'critical' }]);
  });

  it('does not believe a registry that has lost everything', async () => {
    for (let minor = 0; minor < 6; minor += 1) await pushThrough(`1.${String(minor)}.0_abc1234`);
    deps.catalog.lose();

    const report = await run({ maxForgotten: 5 });

    expect(report.outcome).toBe('incomplete');
    expect(report.counts.withheld).toBeGreaterThan(5);
    expect(await deps.inventory.listTags(APP, { limit: 100 })).toHaveLength(6);
    expect(deps.notifier.sent).toMatchObject([
      { severity: 'critical', title: containing('lacks more') },
    ]);
  });

  it('waits for a registry that is away for a moment', async () => {
    await pushThrough(TAG);
    deps.catalog.fail('REGISTRY_UNAVAILABLE', 1, 'listRepositories');

    expect(await run()).toMatchObject({ outcome: 'clean', counts: { errors: 0 } });
  });

  it('ends as incomplete, alarms and forgets nothing when it may not look', async () => {
    await pushThrough(TAG);
    deps.catalog.deleteTag(APP, TAG);
    deps.catalog.fail('FORBIDDEN', 100, 'listRepositories');

    const report = await run();

    expect(report).toMatchObject({ outcome: 'incomplete', counts: { repaired: 0 } });
    expect(await deps.inventory.getTag(APP, TAG)).not.toBeNull();
    expect(deps.notifier.sent).toMatchObject([
      { severity: 'warning', title: containing('not looked at as a whole') },
    ]);
  });

  it('alarms about what it can not record, and does not call it recorded', async () => {
    await pushThrough(TAG);
    deps.catalog.deleteTag(APP, TAG);
    await run();
    deps.catalog.push({ repository: APP, user: 'again' }, TAG);

    const report = await run();

    expect(report).toMatchObject({
      outcome: 'drift',
      counts: { drift: 1, repaired: 0, around: 0 },
    });
    expect(deps.notifier.sent.at(-1)).toMatchObject({
      severity: 'critical',
      text: containing('not recorded'),
    });
  });

  it('goes on when an alarm can not be delivered', async () => {
    deps.catalog.push({ repository: 'channels/prod/shop' }, 'stable');
    deps.notifier.fail('FORBIDDEN', 100);

    const report = await run();

    expect(report).toMatchObject({ outcome: 'incomplete', counts: { drift: 1, alarmed: 1 } });
    expect(report.errors.join()).toContain('not delivered');
  });

  it('keeps its counts when it continues as new, and tells a flood of alarms in one', async () => {
    const digest = deps.catalog.push({ repository: APP });
    for (let minor = 0; minor < 1200; minor += 1) {
      deps.catalog.setTag(APP, `1.${String(minor)}.0_abc1234`, digest);
    }
    const other = deps.catalog.push({ repository: APP, user: 'other' });
    for (let minor = 0; minor < 30; minor += 1) {
      const tag = `2.${String(minor)}.0_abc1234`;
      await pushThrough(tag);
      deps.catalog.setTag(APP, tag, other);
    }

    const handle = await start();
    const report = (await handle.result()) as ReconcileReport;

    expect(report).toMatchObject({
      outcome: 'drift',
      counts: { drift: 1230, repaired: 1230, around: 1200, alarmed: 30, repositories: 1 },
    });
    expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
    // Twenty one by one, one for the rest, one for what came around the gateway.
    expect(deps.notifier.sent).toHaveLength(22);
    expect(report.found).toHaveLength(20);
  });

  it('stops between two steps when it is cancelled', async () => {
    await pushThrough(TAG);
    deps.catalog.push({ repository: APP, user: 'intruder' }, TAG);

    const handle = await start({ confirmAfterMs: 60_000 });
    await handle.cancel();

    await expect(handle.result()).rejects.toMatchObject({ name: 'WorkflowFailedError' });
    expect(deps.notifier.sent).toEqual([]);
  });
});
