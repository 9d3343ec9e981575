import type { GcPlanReport } from '../../../src/contract/gc-messages';
import type { Role } from '../../../src/domain/actor';
import type { GcPlan } from '../../../src/domain/gc/plan';
import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';
import { BREACH, planIdOf, planOf } from '../../support/contracts/gc-plans';
import { A, B, digestOf } from '../../support/contracts/ledger-builders';
import { containing } from '../../support/matchers';

const ID = planIdOf('one');
const MADE = { madeAt: NOW, expiresAt: '2026-03-02T12:00:00.000Z' };

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

interface Run {
  readonly role?: Role;
  readonly confirm?: boolean;
  readonly onSleep?: () => Promise<void>;
}

function plura(
  args: readonly string[],
  { role = 'operator', confirm, onSleep }: Run = {},
): Promise<CliRun> {
  return runPlura(api, ['reg', 'gc', ...args], {
    as: 'olga',
    roles: ['viewer', role],
    ...(confirm !== undefined && {
      over: { confirm: () => Promise.resolve(confirm) },
    }),
    ...(onSleep && { onSleep }),
  });
}

/** Its planning ends at the first wait of the CLI. */
function planned(over: Partial<GcPlan> = {}): () => Promise<void> {
  const plan = planOf('one', { ...MADE, ...over });
  const { id, expiresAt, totals, breaches, unknownCount } = plan;
  const report: GcPlanReport = {
    ...{ repository: null, startedAt: NOW, endedAt: null, outcome: null, plan: null },
    ...{ reason: null, runWorkflowId: null },
  };
  const state = { workflowId: 'gc-plan', running: true, progress: 'reading the inventory', report };
  api.orchestrator.collected.planning = null;
  return async () => {
    const { collected } = api.orchestrator;
    if (collected.planning === null) {
      collected.planning = state;
      return;
    }
    await api.gcPlans.savePlan(plan, 'olga');
    const summary = { id, expiresAt, totals, unknownCount, breaches: breaches.length };
    const ended = { ...report, endedAt: NOW, outcome: 'reported', plan: summary } as const;
    collected.planning = { ...state, running: false, progress: null, report: ended };
  };
}

/** Some plan of an earlier week. */
async function approveOne(): Promise<void> {
  await api.gcPlans.savePlan(planOf('old', { repository: 'apps/shop/old', ...MADE }), 'ana');
  await api.gcPlans.approvePlan(planIdOf('old'), 'sec', 'looked at it', NOW);
}

describe('plura reg gc --dry-run', () => {
  it('plans, tells how far it is, and shows what goes by repository and rule', async () => {
    const { exit, stdout, stderr } = await plura(['--dry-run', '--repo', 'apps/shop/web'], {
      onSleep: planned(),
    });

    expect(exit).toBe(0);
    expect(stderr).toContain('… reading the inventory');
    expect(stdout).toContain(`plan      ${ID}, ready`);
    expect(stdout).toContain('deletes   1 tags and 2 manifests; frees 2.00 kB in 4 blobs');
    expect(stdout).toMatch(/apps\/shop\/web +inactive +1 +2 +2\.00 kB/);
    expect(stdout).toContain('? charts/shop: no rule speaks of it');
    expect(stdout).toContain('may not run: No plan of this registry was approved by a person yet');
    expect(api.orchestrator.collected.planned).toMatchObject([
      { repository: 'apps/shop/web', requestedBy: 'olga', then: 'report', by: 'person' },
    ]);
    expect(api.ledger.audit).toMatchObject([{ action: 'gc.plan', subject: 'apps/shop/web' }]);
  });

  it('shows where it is over budget, as JSON too', async () => {
    const { exit, stdout } = await plura(['--dry-run', '--json'], {
      onSleep: planned({ breaches: [BREACH] }),
    });

    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      id: ID,
      state: 'over-budget',
      breaches: [BREACH],
      blockedBy: containing('over budget'),
    });
  });

  it('says why no plan was made', async () => {
    const report: GcPlanReport = {
      ...{ repository: null, startedAt: NOW, endedAt: NOW, outcome: 'failed', plan: null },
      ...{ reason: 'The ledger did not answer', runWorkflowId: null },
    };
    api.orchestrator.collected.planning = {
      ...{ workflowId: 'gc-plan', running: false, progress: null, report },
    };

    expect(await plura(['--dry-run'])).toMatchObject({
      exit: 7,
      stderr: containing('The ledger did not answer'),
    });
  });

  it('waits for a plan that is under way already, and no longer than that is known', async () => {
    api.orchestrator.collected.planning = null;

    expect(await plura(['--dry-run'])).toMatchObject({ exit: 7, stderr: containing('No plan') });
    expect(await plura(['--dry-run'], { role: 'viewer' })).toMatchObject({ exit: 6 });
  });
});

describe('plura reg gc', () => {
  it('asks on a terminal, and runs the plan that it showed', async () => {
    await approveOne();

    const { exit, stdout, stderr } = await plura([], { confirm: true, onSleep: planned() });

    expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: containing(`${ID} runs`) });
    expect(stderr).toContain('apps/shop/web');
    expect(api.orchestrator.collected.runs).toMatchObject([{ planId: ID, requestedBy: 'olga' }]);
    expect(api.ledger.audit.map(({ action }) => action)).toEqual(['gc.run', 'gc.plan']);
  });

  it('runs nothing after a no, nor where nobody can be asked', async () => {
    await approveOne();

    const refused = await plura([], { confirm: false, onSleep: planned() });
    const silent = await plura([], { onSleep: planned() });

    expect(refused).toMatchObject({ exit: 0, stderr: containing('Nothing was deleted') });
    expect(silent).toMatchObject({ exit: 2, stderr: containing(`plura reg gc --yes ${ID}`) });
    expect(api.orchestrator.collected.runs).toEqual([]);
  });

  it('ends with what keeps the plan from running, and asks nothing', async () => {
    const { exit, stdout } = await plura([], { confirm: true, onSleep: planned() });

    expect({ exit, stdout }).toMatchObject({ exit: 3, stdout: containing('may not run') });
    expect(api.orchestrator.collected.runs).toEqual([]);
  });

  it('is content where there is nothing to delete', async () => {
    expect(await plura([], { onSleep: planned({ items: [] }) })).toMatchObject({
      exit: 0,
      stdout: containing('deletes   0 tags'),
    });
  });
});

describe('plura reg gc --yes', () => {
  it.each([
    ['--dry-run', ['--dry-run', '--yes', ID]],
    ['--explain', ['--explain', 'apps/shop/web:1.0.0_abc1234', '--yes', ID]],
    ['--repo of another repository', ['--repo', 'apps/shop/other', '--yes', ID]],
  ])('runs nothing beside %s', async (_flag, args) => {
    await approveOne();
    await api.gcPlans.savePlan(planOf('one', MADE), 'olga');

    expect(await plura(args)).toMatchObject({ exit: 2 });
    expect(api.orchestrator.collected.runs).toEqual([]);
  });

  it('runs the plan that was read, once', async () => {
    await approveOne();
    await api.gcPlans.savePlan(planOf('one', MADE), 'olga');

    const first = await plura(['--yes', ID]);
    const again = await plura(['--yes', ID]);

    expect(first).toMatchObject({ exit: 0, stdout: containing('runs; see') });
    expect(again).toMatchObject({ exit: 0, stdout: containing('runs already') });
    expect(api.orchestrator.collected.runs).toHaveLength(1);
  });

  it.each<[string, Partial<GcPlan>, number, string]>([
    ['over budget', { breaches: [BREACH] }, 3, 'gc approve'],
    ['the first', {}, 3, 'gc approve'],
    [
      'expired',
      { expiresAt: '2026-03-01T11:59:59.000Z', madeAt: '2026-02-28T00:00:00.000Z' },
      3,
      'make a new one',
    ],
    ['empty', { items: [] }, 3, 'deletes nothing'],
  ])('refuses one that is %s', async (_name, over, exit, text) => {
    await api.gcPlans.savePlan(planOf('one', { ...MADE, ...over }), 'olga');

    expect(await plura(['--yes', ID])).toMatchObject({ exit, stderr: containing(text) });
    expect(api.orchestrator.collected.runs).toEqual([]);
  });

  it('refuses one that is not there, and who may not', async () => {
    expect(await plura(['--yes', ID])).toMatchObject({ exit: 4 });
    expect(await plura(['--yes', 'gc-1'])).toMatchObject({ exit: 2 });
    expect(await plura(['--yes', ID], { role: 'security' })).toMatchObject({ exit: 6 });
  });
});

describe('plura reg gc approve, show and plans', () => {
  beforeEach(async () => {
    await api.gcPlans.savePlan(planOf('one', { ...MADE, breaches: [BREACH] }), 'olga');
  });

  it('lets security take the responsibility, with a reason', async () => {
    const args = ['approve', ID, '--reason', 'experiments of the spring'];

    expect(await plura(args)).toMatchObject({ exit: 6 });
    expect(await plura(args, { role: 'security' })).toMatchObject({
      exit: 0,
      stdout: containing(`reg gc --yes ${ID}`),
    });

    expect(api.ledger.audit).toMatchObject([
      { action: 'gc.approve', subject: ID, details: { reason: 'experiments of the spring' } },
    ]);
    const { stdout } = await plura(['show', ID]);
    expect(stdout).toContain('by olga: experiments of the spring');
    expect(stdout).toContain('! More than 1000 bytes');
    expect(stdout).not.toContain('may not run');
  });

  it('shows every item with its evidence and what became of it', async () => {
    await api.gcPlans.settleItems(ID, [
      { ordinal: 0, outcome: 'skipped', reason: 'pulled since', at: NOW },
    ]);

    const { stdout } = await plura(['show', ID, '--items']);
    const json = await plura(['show', ID, '--items', '--json']);

    expect(stdout).toContain('0  apps/shop/web:1.0.0_abc1234  inactive, frees 0 B: reached -,');
    expect(stdout).toContain('[skipped: pulled since]');
    expect(stdout).toContain(`2  apps/shop/web@${B}  inactive, frees 800 B`);
    expect(JSON.parse(json.stdout)).toMatchObject({ id: ID, items: [{ ordinal: 0 }, {}, {}] });
    expect(await plura(['show', planIdOf('none')])).toMatchObject({ exit: 4 });
  });

  it('lists plans, and when the next one is made', async () => {
    api.orchestrator.collected.schedule = {
      schedule: { paused: false, note: null, nextAt: '2026-03-08T00:00:00.000Z' },
      ...{ running: null, last: null },
    };

    const { stdout } = await plura(['plans']);

    expect(stdout).toContain('next at 2026-03-08T00:00:00.000Z');
    expect(stdout).toMatch(/gc-[0-9a-f]{32} +2026-03-01T12:00:00.000Z +olga +all +over-budget/);
    expect((await plura(['plans', '--repo', 'apps/shop/other'])).stdout).toContain('no plan yet');
  });
});

describe('plura reg gc --explain', () => {
  const explanation = { repository: 'apps/shop/web', reference: A, digest: A, items: [] };

  it('says what something hangs on', async () => {
    const chain = [{ tag: null, digest: A, why: 'channel: prod:stable of shop' }];
    api.orchestrator.collected.answer = {
      kind: 'explain',
      explanation: { ...explanation, outcome: 'keep', chain },
    };

    const { exit, stdout } = await plura(['--explain', `apps/shop/web@${A}`], { role: 'viewer' });

    expect(exit).toBe(0);
    expect(stdout).toBe(`apps/shop/web@${A} (${A}) stays\n  ${A}: channel: prod:stable of shop\n`);
    expect(api.orchestrator.collected.asked).toMatchObject([
      { question: { kind: 'explain', repository: 'apps/shop/web', reference: A } },
    ]);
  });

  it('says by what rule it goes, or that it is not there', async () => {
    const items = planOf('one').items.slice(0, 1);
    api.orchestrator.collected.answer = {
      kind: 'explain',
      explanation: { ...explanation, outcome: 'delete', chain: [], items },
    };
    const goes = await plura(['--explain', 'apps/shop/web:1.0.0_abc1234']);
    api.orchestrator.collected.answer = {
      kind: 'explain',
      explanation: { ...explanation, outcome: 'absent', digest: null, chain: [] },
    };
    const absent = await plura(['--explain', `apps/shop/web@${digestOf('x')}`]);

    expect(goes.stdout).toContain('goes');
    expect(goes.stdout).toContain('inactive, frees 0 B');
    expect(absent.stdout).toContain('has no such thing');
    expect([goes.exit, absent.exit]).toEqual([0, 4]);
  });

  it.each(['apps/shop/web', 'apps/shop/web@sha256:1', 'Apps/x:1', 'apps/shop/web:-'])(
    'refuses %s',
    async (ref) => {
      expect(await plura(['--explain', ref])).toMatchObject({ exit: 2 });
    },
  );
});
