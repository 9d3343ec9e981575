import type { PlanItem } from '../../src/domain/gc/plan';
import { PLANS_KEPT } from '../../src/ports/old-records';
import { BREACH, describeGcPlans, itemsOf, planIdOf, planOf } from '../support/contracts/gc-plans';
import { A, digestOf, T0, T1 } from '../support/contracts/ledger-builders';
import { describeTombstones } from '../support/contracts/tombstones';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores, type OpenStores } from '../support/registry-stores';

jest.setTimeout(60_000);

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

describeGcPlans('Postgres', async () => {
  const stores = await openStores(await server.freshDatabase());
  return { plans: stores.gcPlans, close: () => stores.close() };
});

describeTombstones('Postgres', async () => {
  const stores = await openStores(await server.freshDatabase());
  return { tombstones: stores.tombstones, close: () => stores.close() };
});

describe('a plan of many items', () => {
  const COUNT = 50_000;

  it('is kept within seconds', async () => {
    const stores = await openStores(await server.freshDatabase());
    const [tag] = itemsOf();
    const items: readonly PlanItem[] = Array.from({ length: COUNT }, (_, ordinal) => ({
      ...(tag as PlanItem),
      ordinal,
      tag: `t${ordinal}`,
      digest: digestOf(String(ordinal)),
    }));
    const began = performance.now();

    await stores.gcPlans.savePlan(planOf('many', { items }), 'ana');

    expect(performance.now() - began).toBeLessThan(20_000);
    const last = await stores.gcPlans.listItems(planIdOf('many'), { from: COUNT - 1, limit: 5 });
    expect(last).toEqual([{ ...items.at(-1), outcome: null }]);
    await stores.close();
  });
});

describe('plans that are old', () => {
  const FAR = '2026-06-01T00:00:00.000Z';
  const items = itemsOf();

  async function forgetAll({ oldRecords }: Pick<OpenStores, 'oldRecords'>): Promise<number> {
    const gone: number[] = [];
    for (const kind of ['plan-items', 'run-items', 'plans'] as const) {
      gone.push(await oldRecords.forget(kind, FAR, 5000));
    }
    return gone.reduce((sum, one) => sum + one, 0);
  }

  it('go with their items, but none that can be put back, runs, waits, or was approved last', async () => {
    const stores = await openStores(await server.freshDatabase());
    const { gcPlans: plans } = stores;
    const run = async (seed: string, then: 'ends' | 'goes on'): Promise<void> => {
      await plans.savePlan(planOf(seed, { items }), 'ana');
      await plans.approvePlan(planIdOf(seed), 'sec', 'looked at it', T0);
      await plans.beginPlan(planIdOf(seed), `run ${seed}`, T1);
      if (then === 'ends') await plans.endPlan(planIdOf(seed), 'done', T1);
    };
    await plans.savePlan(planOf('never ran', { items }), 'ana');
    await run('put back', 'ends');
    await stores.tombstones.bury({
      ...{ repository: 'apps/shop/web', digest: A, planId: planIdOf('put back'), deletedAt: T1 },
      ...{ mediaType: 'application/json', bytes: Buffer.from('{}'), tags: [] },
    });
    await run('over', 'ends');
    await run('last approved', 'ends');
    await run('running', 'goes on');
    await stores.client.query(`UPDATE gc_plans SET approved_at = $2 WHERE id = $1`, [
      ...[planIdOf('last approved'), '2026-01-02T10:00:00Z'],
    ]);
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await plans.savePlan(planOf('waits', { items, breaches: [BREACH], expiresAt }), 'ana');

    const gone = await forgetAll(stores);
    await forgetAll(stores);

    expect((await plans.listPlans({ limit: 10 })).map(({ id }) => id).sort()).toEqual(
      ['put back', 'last approved', 'running', 'waits'].map(planIdOf).sort(),
    );
    expect(gone).toBe(3 * items.length + 2);
    const kept = await stores.client.query('SELECT DISTINCT plan FROM gc_plan_items ORDER BY plan');
    expect(kept.rows.map(({ plan }: { readonly plan: string }) => plan)).toEqual(
      ['put back', 'running', 'waits'].map(planIdOf).sort(),
    );
    expect(await plans.wasAnyApproved()).toBe(true);
    await stores.close();
  });

  it('go beyond the newest thousand however young they are, but not those that ran within a month', async () => {
    const stores = await openStores(await server.freshDatabase());
    const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
    const lately = ago(48);
    const plan = { madeAt: lately, expiresAt: ago(1) };
    await stores.gcPlans.savePlan(planOf('ran', { ...plan, items }), 'ana');
    await stores.gcPlans.beginPlan(planIdOf('ran'), 'run', lately);
    await stores.gcPlans.endPlan(planIdOf('ran'), 'done', lately);
    await stores.gcPlans.savePlan(planOf('never ran', { ...plan, items }), 'ana');
    await stores.client.query(
      `INSERT INTO gc_plans (id, repository, state, header, made_by, made_at, expires_at)
       SELECT 'gc-' || md5(n::text), repository, 'superseded', header, made_by, made_at, expires_at
       FROM gc_plans, generate_series(1, $2) n WHERE id = $1`,
      [planIdOf('never ran'), PLANS_KEPT],
    );

    const gone = await forgetAll(stores);

    expect(gone).toBe(items.length + 1);
    expect(await stores.gcPlans.getPlan(planIdOf('never ran'))).toBeNull();
    expect(await stores.gcPlans.getPlan(planIdOf('ran'))).toMatchObject({ state: 'done' });
    expect(await forgetAll(stores)).toBe(0);
    await stores.close();
  });
});
