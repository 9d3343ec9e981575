import type { PlanItem } from '../../src/domain/gc/plan';
import { describeGcPlans, itemsOf, planIdOf, planOf } from '../support/contracts/gc-plans';
import { digestOf } from '../support/contracts/ledger-builders';
import { describeTombstones } from '../support/contracts/tombstones';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores } from '../support/registry-stores';

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
