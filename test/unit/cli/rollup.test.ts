import type { Role } from '../../../src/domain/actor';
import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';
import { optOutOf } from '../../support/contracts/rollups';
import { containing } from '../../support/matchers';
import { rollupOf, rollupTask } from '../../support/rollup-tasks';

const TASKS = [
  rollupTask('checkout', { state: 'released', rebuilt: `sha256:${'c'.repeat(64)}` }),
  rollupTask('cart', { state: 'failed', reason: 'rejected: scan' }),
];
const RUNNING = rollupOf([rollupTask('checkout', { state: 'promoting' })]);
const SCHEDULE = { paused: false, note: null, nextAt: '2026-04-01T03:00:00.000Z' };

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

const plura = (
  args: readonly string[],
  role: Role = 'operator',
  over: Parameters<typeof runPlura>[2] = {},
): Promise<CliRun> =>
  runPlura(api, ['reg', 'rollup', ...args], { as: 'olga', roles: [role], ...over });

describe('plan', () => {
  it('shows what would be rebuilt, and starts nothing', async () => {
    const waiting = [rollupTask('checkout'), rollupTask('cart', { wave: 2 })];
    api.orchestrator.rollups.asked.plan = rollupOf(waiting, { outcome: 'planned' });

    const { exit, stdout } = await plura(['plan', '--only', 'checkout', 'cart']);

    expect(exit).toBe(0);
    expect(stdout).toContain('waves 1/2 of 1 + 1');
    expect(stdout).toContain('bases/static 1_20261101 -> 2_20261130');
    expect(api.orchestrator.rollups.started).toMatchObject([
      { only: ['checkout', 'cart'], cause: { kind: 'asked', by: 'olga' }, dryRun: true },
    ]);
    expect(api.ledger.audit).toEqual([]);
  });

  it.each([
    [['plan', '--only', 'nobody'], 'operator', 4],
    [['plan'], 'viewer', 6],
    [['plan', '--emergency', 'no such!'], 'operator', 2],
  ] as const)('%j by a %s ends with %d', async (args, role, exit) => {
    expect(await plura(args, role)).toMatchObject({ exit });
    expect(api.orchestrator.rollups.started).toEqual([]);
  });
});

describe('run', () => {
  it('starts a rollup by the policy, and leaves it in the audit trail', async () => {
    const { exit, stdout } = await plura(['run', '--reason', 'new base', '--json']);

    expect(exit).toBe(0);
    const { id, started } = JSON.parse(stdout) as { id: string; started: boolean };
    expect({ id, started }).toEqual({ id: containing('asked-'), started: true });
    expect(api.orchestrator.rollups.started).toMatchObject([
      {
        ...{ id, only: null, cause: { kind: 'asked', by: 'olga', reason: 'new base' } },
        settings: { concurrency: 5, optOuts: 'respect' },
      },
    ]);
    expect(api.ledger.audit).toMatchObject([
      { action: 'rollup.run', subject: id, actor: 'olga', details: { reason: 'new base' } },
    ]);
  });

  it('is faster in an emergency, and sets opt-outs aside', async () => {
    await plura(['run', '--emergency', 'CVE-2026-1', '--only', 'checkout', '--reason', 'fixed']);

    expect(api.orchestrator.rollups.started).toMatchObject([
      {
        ...{ only: ['checkout'], cause: { kind: 'emergency', advisory: 'CVE-2026-1' } },
        settings: { concurrency: 10, optOuts: 'ignore' },
      },
    ]);
  });

  it.each([
    [{ outcome: 'done' }, TASKS, 8],
    [{ outcome: 'done' }, TASKS.slice(0, 1), 0],
    [{ outcome: 'held', reason: '2 failed' }, TASKS, 5],
    [{ outcome: 'cancelled' }, TASKS, 9],
  ] as const)('waits for its end: %j', async (end, tasks, exit) => {
    let asked = '';
    const run = await plura(['run', '--reason', 'new base', '--wait'], 'operator', {
      onSleep: async (count) => {
        asked = api.orchestrator.rollups.started[0]?.id ?? '';
        if (count === 1) api.orchestrator.rollups.running.set(asked, { ...RUNNING, id: asked });
        else await api.rollups.save(rollupOf(tasks, { id: asked, endedAt: NOW, ...end }));
      },
    });

    expect(run.exit).toBe(exit);
    expect(run.stderr).toContain('… wave 1 of 1: 1 promoting');
    expect(run.stdout).toContain(`${asked}  ${end.outcome}`);
  });

  it('asks in a terminal after it has shown the plan, and takes no for an answer', async () => {
    api.orchestrator.rollups.asked.plan = rollupOf([rollupTask('checkout')]);
    const over = { confirm: () => Promise.resolve(false) };

    const { exit, stderr } = await plura(['run', '--reason', 'x'], 'operator', { over });

    expect(exit).toBe(2);
    expect(stderr).toContain('checkout');
    expect(api.orchestrator.rollups.started).toMatchObject([{ dryRun: true }]);
  });
});

describe('status and list', () => {
  beforeEach(async () => {
    await api.rollups.save(
      rollupOf(TASKS, { id: 'monthly-1', endedAt: NOW, outcome: 'done', notes: ['static: new'] }),
    );
  });

  it('shows the newest, from the record', async () => {
    const { exit, stdout } = await plura(['status'], 'viewer');

    expect(exit).toBe(0);
    expect(stdout).toContain('monthly-1  done  the monthly renewal of bases');
    expect(stdout).toContain('1 failed, 1 released; 3 on the newest bases already');
    expect(stdout).toContain('cccccccccccc');
    expect(stdout).toContain('rejected: scan');
    expect(stdout).toContain('static: new');
  });

  it('shows one that runs as it is, or as it was kept last when no worker answers', async () => {
    await api.rollups.save(rollupOf([], { id: 'asked-2', notes: ['as kept'] }));
    expect((await plura(['status', 'asked-2'])).stdout).toContain('as kept');

    api.orchestrator.rollups.running.set('asked-2', { ...RUNNING, id: 'asked-2' });

    expect((await plura(['status', 'asked-2'])).stdout).toContain('1 promoting');
  });

  it('knows no other', async () => {
    expect(await plura(['status', 'asked-9'])).toMatchObject({
      ...{ exit: 4, stderr: containing('plura reg rollup list') },
    });
  });

  it('lists them with the next one', async () => {
    api.orchestrator.rollups.asked.schedule = { schedule: SCHEDULE, running: null, last: null };

    const { stdout } = await plura(['list'], 'viewer');

    expect(stdout).toContain('next at 2026-04-01T03:00:00.000Z');
    expect(stdout).toMatch(/monthly-1 +done +\S+ +1 +1 +0 +the monthly/);
  });
});

describe('orders', () => {
  beforeEach(async () => {
    const running = rollupOf([rollupTask('checkout')], { id: 'asked-2' });
    await api.rollups.save(running);
    api.orchestrator.rollups.running.set('asked-2', running);
  });

  it.each([
    ['pause', 'paused'],
    ['resume', 'under way'],
    ['cancel', 'cancelled'],
  ])('%s goes to the one that is under way', async (order, state) => {
    const { exit, stdout } = await plura([order, '--reason', 'incident']);

    expect(exit).toBe(0);
    expect(stdout).toContain(`asked-2  ${state}`);
    expect(api.ledger.audit).toMatchObject([
      { action: `rollup.${order}`, subject: 'asked-2', details: { reason: 'incident' } },
    ]);
  });

  it('is refused to others, and where none is under way', async () => {
    expect(await plura(['pause', '--reason', 'x'], 'releaser')).toMatchObject({ exit: 6 });
    expect(await plura(['pause', 'asked-9', '--reason', 'x'])).toMatchObject({ exit: 4 });
    expect(api.ledger.audit).toEqual([]);
  });
});

describe('opt-out', () => {
  const UNTIL = '2026-03-31';

  it('keeps a service out to the end of a day, with a reason', async () => {
    const { exit, stdout } = await plura([
      ...['opt-out', 'checkout', '--until', UNTIL, '--reason', 'Java 25 first'],
    ]);

    expect({ exit, stdout }).toEqual({
      ...{ exit: 0, stdout: 'No rollup touches checkout until 2026-04-01T00:00:00.000Z\n' },
    });
    expect(await api.rollups.listOptOuts()).toMatchObject([
      { svc: 'checkout', reason: 'Java 25 first', by: 'olga', until: '2026-04-01T00:00:00.000Z' },
    ]);
    expect(api.ledger.audit).toMatchObject([{ action: 'rollup.opt-out', svc: 'checkout' }]);
  });

  it.each([
    ['checkout', '2026-02-28', 2],
    ['checkout', '2027-03-01', 2],
    ['checkout', 'soon', 2],
    ['checkout', '2026-03-32', 2],
    ['checkout', '2026-04-31', 2],
    ['checkout', 'Apr 5 2026', 2],
    ['checkout', '2026-04-05T10:00:00', 2],
    ['nobody', UNTIL, 4],
  ])('refuses %s until %s', async (svc, until, exit) => {
    const args = ['opt-out', svc, '--until', until, '--reason', 'x'];

    expect(await plura(args)).toMatchObject({ exit });
    expect(await api.rollups.listOptOuts()).toEqual([]);
  });

  it('lists those that stand, and takes them back', async () => {
    const until = '2026-04-01T00:00:00.000Z';
    await api.rollups.optOut(optOutOf({ svc: 'checkout', until }));
    await api.rollups.optOut(optOutOf({ svc: 'cart', until: '2026-02-01T00:00:00.000Z' }));

    const { stdout } = await plura(['opt-outs'], 'viewer');
    expect(stdout).toContain('checkout');
    expect(stdout).not.toContain('cart');
    const remove = ['opt-out', 'checkout', '--remove', '--reason', 'it moved'];
    expect(await plura(remove)).toMatchObject({ exit: 0 });
    expect(await plura(remove)).toMatchObject({ exit: 4 });
    expect(await plura(['opt-out', 'checkout', '--reason', 'x'])).toMatchObject({ exit: 2 });
  });
});
