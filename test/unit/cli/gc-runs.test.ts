import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';
import { planIdOf, planOf } from '../../support/contracts/gc-plans';
import { A } from '../../support/contracts/ledger-builders';
import { runReport } from '../../support/fakes/gc-runs';
import { containing } from '../../support/matchers';

const REPOSITORY = 'apps/shop/shop';
const PLAN = planIdOf('one');

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
  await api.gcPlans.savePlan(planOf('one'), 'ana');
  await api.gcPlans.beginPlan(PLAN, `gc-run/${PLAN}`, planOf('one').madeAt);
});

afterEach(async () => {
  await api.app.close();
});

const gc = (...args: readonly string[]): Promise<CliRun> =>
  runPlura(api, ['reg', 'gc', ...args], { as: 'olga', roles: ['operator'] });

describe('plura reg gc status', () => {
  it('shows how far the plan is, and what it kept after all', async () => {
    const counts = { deleted: 2, skipped: 1, failed: 0, bytes: 20 };
    api.orchestrator.gcRuns.runs.set(
      PLAN,
      runReport(PLAN, { next: 3, counts, skips: { pulled: 1 } }),
    );

    const { exit, stdout } = await gc('status');

    expect(exit).toBe(0);
    expect(stdout).toContain(`${PLAN} is under way, item 3 of 3`);
    expect(stdout).toContain('2 deleted (20 bytes by the plan), 1 kept after all, 0 failed');
    expect(stdout).toContain('kept: 1 pulled');
  });

  it('prints the same for programs', async () => {
    api.orchestrator.gcRuns.runs.set(PLAN, runReport(PLAN));

    const { stdout } = await gc('status', PLAN, '--json');

    expect(JSON.parse(stdout)).toEqual(runReport(PLAN));
  });
});

describe('plura reg gc pause, resume, cancel', () => {
  it('orders the plan that runs, when none is named', async () => {
    api.orchestrator.gcRuns.runs.set(PLAN, runReport(PLAN));

    expect(await gc('pause', '--reason', 'an incident')).toMatchObject({
      exit: 0,
      stdout: containing('is paused'),
    });
    expect(api.orchestrator.gcRuns.orders).toMatchObject([{ plan: PLAN, order: 'pause' }]);
  });

  it('says that none runs', async () => {
    api.orchestrator.gcRuns.runs.set(PLAN, runReport(PLAN, { outcome: 'done' }));

    expect(await gc('cancel', '--reason', 'not now')).toMatchObject({
      exit: 4,
      stderr: containing(PLAN),
    });
  });
});

describe('plura reg gc restore', () => {
  it('puts an image back, by the name of its service too', async () => {
    const { exit, stdout } = await gc('restore', `${REPOSITORY}@${A}`);

    expect(exit).toBe(0);
    expect(stdout).toContain(`Put back ${REPOSITORY}@${A}`);
    expect(stdout).toContain(`${REPOSITORY}:1.0.0 points at it again`);
  });

  it('takes a digest only', async () => {
    expect(await gc('restore', REPOSITORY)).toMatchObject({
      exit: 2,
      stderr: containing('plura reg gc tombstones'),
    });
  });

  it('is told by a list what there is', async () => {
    await api.deps.tombstones.bury({
      ...{ repository: REPOSITORY, digest: A, mediaType: 'application/x', tags: ['1.0.0'] },
      ...{ bytes: Buffer.from('{}'), planId: PLAN, deletedAt: NOW },
    });

    expect((await gc('tombstones', '--state', 'buried')).stdout).toContain(A);
  });
});

describe('plura reg gc reclaim', () => {
  it('starts one, and no second beside it', async () => {
    expect(await gc('reclaim', '--now', '--yes')).toMatchObject({
      exit: 0,
      stdout: containing('Started'),
    });
    expect((await gc('reclaim', '--now', '--yes')).stdout).toContain('Under way already');
  });

  it('shows that one is under way, and ends it', async () => {
    await gc('reclaim', '--now', '--yes');

    expect((await gc('reclaim')).stdout).toContain('under way');
    expect((await gc('reclaim', '--stop')).stdout).toContain('opened');
  });
});
