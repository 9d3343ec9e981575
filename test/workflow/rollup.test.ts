import { releaseWorkflowId, ROLLUP_SCHEDULE_ID } from '../../src/contract/ids';
import { MESSAGES } from '../../src/contract/messages';
import { rollupPolicyOf } from '../../src/domain/rollup/policy';
import type { RollupReport } from '../../src/domain/rollup/report';
import { ensureRollupSchedule } from '../../src/orchestrator/rollups';
import { OLGA, releaseRequest, testPolicy, withoutWindows } from '../support/builders';
import { T0 } from '../support/contracts/ledger-builders';
import { useDevServer } from '../support/dev-server';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';
import { createRollupWorld, type RollupWorld, type RunningRollup } from '../support/rollup-world';
import { it } from '../support/side-by-side';
import { eventually } from '../support/workflow-env';

jest.setTimeout(120_000);

const statesOf = ({ tasks }: RollupReport): Readonly<Record<string, string>> =>
  Object.fromEntries(tasks.map(({ svc, state }) => [svc, state]));

describe('rollupWorkflow', () => {
  const server = useDevServer();

  /** `{prefix}-1`, …: no two tests share a service. */
  const services = (prefix: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);

  const open = (prefix: string, count: number): Promise<RollupWorld> =>
    createRollupWorld(server, services(prefix, count));

  async function stableOf({ deps }: RollupWorld, svc: string): Promise<string | undefined> {
    return (await deps.registry.resolve(`channels/prod/${svc}`, 'stable'))?.digest;
  }

  async function keep(rollup: RunningRollup, name: string): Promise<void> {
    const { workflowId } = rollup;
    const handle = server.environment.client.workflow.getHandle(workflowId);
    keepHistory({ name: `rollup/${name}`, workflowId, history: await handle.fetchHistory() });
  }

  it('imports bases, rebuilds in waves by the services own pipelines, and tells once', async () => {
    const world = await open('waves', 6);
    world.broken.add('waves-2');

    const rollup = await world.start({}, { soakMs: 50 });
    const report = await rollup.result();
    await keep(rollup, 'waves');

    expect(report).toMatchObject({ id: rollup.id, outcome: 'done', wave: 2, current: 0 });
    expect(report.waves.map(({ size }) => size)).toEqual([3, 3]);
    const failed = report.tasks.filter(({ state }) => state === 'failed');
    expect(failed).toMatchObject([{ svc: 'waves-2', reason: containing('rejected: ') }]);
    const first = report.tasks.find(({ svc }) => svc === 'waves-1');
    expect(first).toMatchObject({ state: 'released', version: containing('1.0.1-base.') });
    expect(await stableOf(world, 'waves-1')).toBe(first?.rebuilt);
    expect(await stableOf(world, 'waves-2')).toBe(world.stable.get('waves-2'));
    const status = await world.deps.ledger.getStatus(first?.releaseId ?? '');
    expect(status).toMatchObject({ requestedBy: 'system:plura', revision: 'abc1234' });
    expect(await world.deps.rollups.get(rollup.id)).toEqual(report);
    expect(world.deps.baseImports.calls).toHaveLength(1);
    const notes = world.deps.notifier.sent.filter(({ id }) => id === `rollup/${rollup.id}`);
    expect(notes).toMatchObject([{ severity: 'warning', text: containing('5 released') }]);
  });

  it('never has two waves under way, and no more rebuilds than it may', async () => {
    const world = await open('pace', 5);
    const rollup = await world.start({}, { concurrency: 2 });
    let most = 0;
    let mixed = false;

    const ended = rollup.result();
    for (let report = await rollup.report(); report.outcome === null;) {
      const running = report.tasks.filter(({ state }) => /building|promoting/.test(state));
      most = Math.max(most, running.length);
      mixed ||= new Set(running.map(({ wave }) => wave)).size > 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
      report = await rollup.report();
    }

    expect(statesOf(await ended)).toEqual(
      Object.fromEntries(services('pace', 5).map((svc) => [svc, 'released'])),
    );
    expect(most).toBe(2);
    expect(mixed).toBe(false);
  });

  it('holds the rest when the first wave fails', async () => {
    const world = await open('stop', 5);
    for (const svc of ['stop-1', 'stop-2']) world.broken.add(svc);

    const rollup = await world.start();
    const report = await rollup.result();
    await keep(rollup, 'held');

    expect(report).toMatchObject({ outcome: 'held', stopped: 'condition', wave: 1 });
    expect(statesOf(report)).toEqual({
      ...{ 'stop-1': 'failed', 'stop-2': 'failed', 'stop-3': 'released' },
      ...{ 'stop-4': 'held', 'stop-5': 'held' },
    });
    expect(await stableOf(world, 'stop-4')).toBe(world.stable.get('stop-4'));
  });

  it('releases nothing where the rebuild has the content of what is stable', async () => {
    const world = await open('same', 1);
    world.content = 'older base';

    const rollup = await world.start();
    const report = await rollup.result();

    expect(report).toMatchObject({ outcome: 'done', tasks: [{ state: 'unchanged' }] });
    expect(await stableOf(world, 'same-1')).toBe(world.stable.get('same-1'));
    const [task] = report.tasks;
    expect(await world.deps.ledger.getStatus(task?.releaseId ?? '')).toMatchObject({
      ...{ outcome: 'unchanged', reason: containing('has the content of') },
    });
    const workflowId = releaseWorkflowId(task?.releaseId ?? '');
    const release = server.environment.client.workflow.getHandle(workflowId);
    const history = await release.fetchHistory();
    keepHistory({ name: 'release/unchanged', workflowId, history });
    const tags = await world.deps.registry.resolve(
      'apps/same-1/same-1',
      `${task?.version}_abc1234`,
    );
    expect(tags).toBeNull();
  });

  it('changes nothing when it only plans', async () => {
    const world = await open('dry', 2);
    await world.deps.rollups.optOut({
      ...{
        svc: 'dry-2',
        reason: 'Java first',
        by: 'olga',
        at: T0,
        until: '2999-01-01T00:00:00.000Z',
      },
    });

    const rollup = await world.start({ dryRun: true });
    const report = await rollup.result();

    expect(report).toMatchObject({ outcome: 'planned', waves: [{ number: 1, size: 1 }] });
    expect(statesOf(report)).toEqual({ 'dry-1': 'waiting', 'dry-2': 'opted-out' });
    expect(world.deps.baseImports.calls).toEqual([]);
    expect(await world.deps.rollups.list(1)).toEqual([]);
  });

  it('pauses between rebuilds, goes on, and is cancelled with what is under way brought to its end', async () => {
    const world = await open('orders', 5);
    const rollup = await world.start({}, { concurrency: 1 });
    await rollup.until('orders-1', 'released');

    const paused = await rollup.order('pause', 'an incident');
    expect(paused).toMatchObject({ paused: true, reason: 'paused by olga: an incident' });
    // What was being asked for at that moment still begins.
    await eventually(async () => {
      const before = statesOf(await rollup.report());
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const after = statesOf(await rollup.report());
      expect(after).toEqual(before);
      expect(Object.values(after).filter((one) => /building|promoting/.test(one))).toEqual([]);
    }, 60_000);
    expect(statesOf(await rollup.report())).toMatchObject({
      ...{ 'orders-1': 'released', 'orders-4': 'waiting', 'orders-5': 'waiting' },
    });

    await rollup.order('resume', 'over');
    await rollup.until('orders-3', 'building');
    await rollup.order('cancel', 'enough');
    const report = await rollup.result();
    await keep(rollup, 'cancelled');

    expect(report).toMatchObject({ outcome: 'cancelled', reason: 'cancelled by olga: enough' });
    expect(statesOf(report)).toMatchObject({ 'orders-3': 'released', 'orders-5': 'held' });
    await expect(rollup.order('pause', 'late')).rejects.toThrow();
  });

  it('leaves a busy lane to people, whose newer release wins', async () => {
    const world = await open('busy', 1);
    const approval = { ...testPolicy().approval, required: true };
    const policy = withoutWindows(testPolicy({ approval }));
    const request = releaseRequest('busy-1', '2.0.0', { policy });
    await server.caller.submit(request);
    await server.caller.waitForStage(request.releaseId, 'approval');

    const rollup = await world.start();
    await eventually(async () => {
      const [task] = (await rollup.report()).tasks;
      expect(task).toMatchObject({
        state: 'waiting',
        reason: containing('busy with busy-1/2.0.0'),
      });
    });
    await server.caller.decide(request.releaseId, 'approve', OLGA).catch(() => undefined);
    await server.caller.decide(request.releaseId, 'approve', {
      subject: 'adam',
      roles: ['approver'],
    });
    const { digest } = await server.caller.result(request.releaseId);
    if (!digest) throw new Error('2.0.0 was not released');
    const report = await rollup.result();

    expect(report.tasks).toMatchObject([
      { svc: 'busy-1', state: 'released', releaseId: null, reason: containing('newest bases') },
    ]);
    expect(await stableOf(world, 'busy-1')).toBe(digest);
  });

  it('keeps its waves through a freeze that is on all of them', async () => {
    const world = await open('frost', 4);
    const { freezes } = world.deps;
    const all = services('frost', 4);
    for (const svc of all) await freezes.stop({ svc, reason: 'sale', by: 'olga', at: T0 });

    const rollup = await world.start();
    const frozen = await eventually(async () => {
      const report = await rollup.report();
      const asked = report.tasks.filter(({ retryAt }) => retryAt !== null);
      expect(asked).toHaveLength(all.length);
      return report;
    });
    for (const svc of all) await freezes.resume(svc, 'olga', 'over', T0);
    const report = await rollup.result();

    expect(frozen.wave).toBe(1);
    expect(frozen.tasks.filter(({ wave }) => wave === 1)).toHaveLength(3);
    expect(report).toMatchObject({ outcome: 'done', wave: 2 });
    expect(Object.values(statesOf(report))).toEqual(Array(4).fill('released'));
  });

  it('gives up on a lane that stays held, and says so', async () => {
    const world = await open('lane', 2);
    const hold = { actor: OLGA, reason: 'incident 4711' };
    await server.caller.updateLane('lane-1', MESSAGES.holdLane, hold);

    const report = await (await world.start({}, { maxDurationMs: 25_000 })).result();

    expect(report.outcome).toBe('held');
    expect(statesOf(report)).toEqual({ 'lane-1': 'held', 'lane-2': 'released' });
    expect(report.tasks.find(({ svc }) => svc === 'lane-1')).toMatchObject({
      reason: containing('incident 4711'),
    });
  });

  it('holds the rest when what it released is taken back', async () => {
    const world = await open('regress', 5);
    const settings = { soakMs: 4_000, stopAfter: { firstWave: 1, ratio: 0.1 } };
    const rollup = await world.start({}, settings);
    const { tasks } = await rollup.until('regress-1', 'released');
    const rebuilt = tasks.find(({ svc }) => svc === 'regress-1')?.rebuilt;
    if (!rebuilt) throw new Error('nothing was rebuilt');

    await world.deps.ledger.markBad({
      ...{ svc: 'regress-1', digest: rebuilt, reason: 'errors 12 %', at: T0, actor: 'olga' },
    });
    const report = await rollup.result();

    expect(report).toMatchObject({ outcome: 'held', stopped: 'condition' });
    expect(statesOf(report)).toMatchObject({
      ...{ 'regress-1': 'failed', 'regress-4': 'held', 'regress-5': 'held' },
    });
  });

  it('is started once a month by its Schedule, which names it by the time of its start', async () => {
    const world = await open('month', 1);
    // Its Schedule names it.
    server.workers.use('', world.deps);
    const { client } = server.environment;
    await ensureRollupSchedule(client, { rollup: { ...rollupPolicyOf({}), soakMs: 0 } });
    const schedule = client.schedule.getHandle(ROLLUP_SCHEDULE_ID);

    const { spec, info } = await schedule.describe();
    const [next] = info.nextActionTimes;
    await schedule.trigger();

    expect(spec.calendars).toHaveLength(1);
    expect(next?.toISOString()).toMatch(/-01T03:00:00.000Z$/);
    const workflowId = await eventually(async () => {
      const [started] = (await schedule.describe()).info.recentActions;
      if (!started) throw new Error('nothing was started');
      return started.action.workflow.workflowId;
    });
    const report = (await client.workflow.getHandle(workflowId).result()) as RollupReport;
    expect(report.id).toMatch(/^monthly-\d{4}-/);
    expect(workflowId).toBe(`rollup/${report.id}`);
    expect(statesOf(report)).toEqual({ 'month-1': 'released' });
    await schedule.delete();
  });

  it('sets opt-outs aside in an emergency, and rebuilds what stands on the newest base', async () => {
    const world = await open('cve', 2);
    await world.deps.rollups.optOut({
      ...{
        svc: 'cve-1',
        reason: 'Java first',
        by: 'olga',
        at: T0,
        until: '2999-01-01T00:00:00.000Z',
      },
    });
    const cause = { kind: 'emergency', advisory: 'CVE-2026-1' } as const;

    const rollup = await world.start({ cause, only: ['cve-1'] }, { optOuts: 'ignore' });
    const report = await rollup.result();

    expect(statesOf(report)).toEqual({ 'cve-1': 'released' });
  });

  it('breaks no freeze in an emergency, but tells at once what is in its way', async () => {
    const world = await open('ice', 1);
    await world.deps.freezes.stop({ svc: 'ice-1', reason: 'audit', by: 'olga', at: T0 });
    const cause = { kind: 'emergency', advisory: 'CVE-2026-1' } as const;
    const rollup = await world.start({ cause, only: ['ice-1'] });

    const alerts = await eventually(() => {
      const sent = world.deps.notifier.sent.filter(({ id }) => id === `rollup/${rollup.id}/ice-1`);
      if (sent.length === 0) throw new Error('nobody was told');
      return sent;
    });
    expect(alerts).toMatchObject([{ severity: 'critical', text: containing('audit') }]);
    expect(await stableOf(world, 'ice-1')).toBe(world.stable.get('ice-1'));
    await world.deps.freezes.resume('ice-1', 'olga', 'over', T0);
    const report = await rollup.result();

    expect(statesOf(report)).toEqual({ 'ice-1': 'released' });
    const again = world.deps.notifier.sent.filter(({ id }) => id === alerts[0]?.id);
    expect(again).toHaveLength(1);
  });
});
