import fc from 'fast-check';
import { Client } from 'pg';
import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { createPostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import { BREAKDOWNS } from '../../src/domain/accounting/figures';
import { itemsOf, planOf } from '../support/contracts/gc-plans';
import { describeLedgerFigures } from '../support/contracts/ledger-figures';
import { A, codeOf, digestOf, T0 } from '../support/contracts/ledger-builders';
import { describeOldRecords } from '../support/contracts/old-records';
import {
  describeStorageSamples,
  pinTo,
  PLACES,
  PUSH,
  pushImage,
} from '../support/contracts/storage-samples';
import { createFakeInventory } from '../support/fakes/inventory';
import { createFakeLedger } from '../support/fakes/ledger';
import { createFakeStorageSamples } from '../support/fakes/storage-samples';
import { startPostgres, type PostgresServer } from '../support/postgres-server';

jest.setTimeout(120_000);

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

async function openAll() {
  const connectionString = await server.freshDatabase();
  const stores = createPostgresRegistryStores({ connectionString });
  const ledger = createPostgresLedger({ connectionString });
  const client = new Client({ connectionString });
  await client.connect();
  const close = async (): Promise<void> => {
    await Promise.all([stores.close(), ledger.close(), client.end()]);
  };
  return { stores, ledger, client, close };
}

describeStorageSamples('Postgres', async () => {
  const { stores, ledger, close } = await openAll();
  return { samples: stores.storageSamples, inventory: stores.inventory, ledger, close };
});

describeLedgerFigures('Postgres', async () => {
  const { stores, ledger, close } = await openAll();
  return { figures: stores.ledgerFigures, inventory: stores.inventory, ledger, close };
});

const TABLES = {
  'registry-events': 'registry_events',
  'tag-moves': 'tag_moves',
  'storage-samples': 'storage_samples',
  'upload-leases': 'upload_leases',
  'plan-items': 'gc_plan_items',
  'run-items': 'gc_plan_items',
  plans: 'gc_plans',
} as const;

describeOldRecords('Postgres', async () => {
  const { stores, client, close } = await openAll();
  return {
    records: stores.oldRecords,
    add: async (kind, day) => {
      const at = `2026-01-0${day}T00:00:00.000Z`;
      if (kind === 'storage-samples') {
        await stores.storageSamples.take({ day: at.slice(0, 10), at, places: [] });
      } else if (kind === 'upload-leases') {
        await stores.uploads.lease({ repository: `a/${day}`, digest: A }, at);
      } else if (kind === 'plan-items' || kind === 'run-items' || kind === 'plans') {
        const items = itemsOf().slice(0, kind === 'plans' ? 0 : 1);
        const expiresAt = `2026-01-0${day}T12:00:00.000Z`;
        const plan = planOf(`of ${day}`, { items, madeAt: at, expiresAt });
        await stores.gcPlans.savePlan(plan, 'ana');
        if (kind !== 'run-items') return;
        await stores.gcPlans.beginPlan(plan.id, 'run', at);
        await stores.gcPlans.endPlan(plan.id, 'done', at);
      } else if (kind === 'tag-moves') {
        await client.query(
          `INSERT INTO tag_moves (repository, tag, to_digest, actor, at) VALUES ('a', 'b', $1, 'c', $2)`,
          [A, at],
        );
      } else {
        const event = { kind: 'drift', repository: 'a', reference: 'b', actor: 'c' } as const;
        await stores.inventory.recordEvent({ ...event, at, detail: {} });
      }
    },
    count: async (kind) => {
      const { rows } = await client.query<{ readonly count: string }>(
        `SELECT count(*) FROM ${TABLES[kind]}`,
      );
      return Number(rows[0]?.count);
    },
    close,
  };
});

describe('storage samples of Postgres', () => {
  it('agree with the simplest way of counting, whatever is pushed and pinned where', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(PUSH, { minLength: 1, maxLength: 12 }), async (pushes) => {
        const { stores, ledger, close } = await openAll();
        const inventory = createFakeInventory();
        const fakeLedger = createFakeLedger();
        const services = ['shop'];
        const naive = createFakeStorageSamples({
          ...{ contents: inventory.contents, ledger: fakeLedger, services },
        });
        for (const { repository, layers, env } of pushes) {
          const of = Object.fromEntries(layers.map((size) => [`layer ${size}`, size]));
          for (const [to, pins] of [
            [stores.inventory, ledger],
            [inventory, fakeLedger],
          ] as const) {
            const digest = await pushImage(to, repository, `of ${layers.join()}`, of);
            if (env) await pinTo(pins, 'shop', { env, tag: 'candidate' }, digest);
          }
        }
        const order = { day: '2026-11-30', at: '2026-11-30T06:00:00.000Z', places: PLACES };

        const counted = await stores.storageSamples.take(order);
        const expected = await naive.take(order);
        const groupsOf = async (samples: typeof naive | typeof stores.storageSamples) =>
          Promise.all(BREAKDOWNS.map((by) => samples.groups(order.day, { by, limit: 100 })));
        const groups = await groupsOf(stores.storageSamples);
        await close();

        expect(counted).toEqual(expected);
        expect(groups).toEqual(await groupsOf(naive));
      }),
      { numRuns: 25 },
    );
  });

  it('say what the newest plan would still free, by repository and environment', async () => {
    const { stores, ledger, client, close } = await openAll();
    const one = await pushImage(stores.inventory, 'apps/shop/web', 'one', { one: 500 });
    const two = await pushImage(stores.inventory, 'apps/cart/web', 'two', { two: 900 });
    await pinTo(ledger, 'shop', { env: 'dev', tag: 'candidate' }, one);
    const plan = `gc-${'0'.repeat(32)}`;
    await client.query(
      `INSERT INTO gc_plans (id, state, header, made_by, made_at, expires_at)
       VALUES ($1, 'ready', '{}', 'olga', now(), now() + interval '1 day')`,
      [plan],
    );
    const item = `INSERT INTO gc_plan_items (plan, ordinal, kind, repository, digest, rule, evidence, bytes, outcome, settled_at)
      VALUES ($1, $2, 'manifest', $3, $4, 'inactive', '{}', $5, $6, CASE WHEN $6::text IS NOT NULL THEN now() END)`;
    await client.query(item, [plan, 0, 'apps/shop/web', one, 610, null]);
    await client.query(item, [plan, 1, 'apps/cart/web', two, 1010, 'deleted']);
    await client.query(item, [plan, 2, 'apps/cart/web', digestOf('gone'), 7, null]);

    const { totals } = await stores.storageSamples.take({ day: '2026-11-30', at: T0, places: [] });
    const bytes = async (by: 'repository' | 'environment'): Promise<unknown> =>
      (await stores.storageSamples.groups('2026-11-30', { by, limit: 9 })).map(
        ({ name, reclaimableBytes }) => [name, reclaimableBytes],
      );
    const byRepository = await bytes('repository');
    const byEnvironment = await bytes('environment');
    const reclaim = `INSERT INTO gc_reclaims (id, state, planned_bytes, before_bytes, after_bytes, started_at, ended_at)
      VALUES ($1, $2, 0, $3, $4, now(), now())`;
    await client.query(reclaim, ['one', 'done', 5000, 4000]);
    await client.query(reclaim, ['two', 'done', null, null]);
    await client.query(reclaim, ['three', 'failed', 4000, 1]);
    const since = '2026-01-01T00:00:00Z';
    const { deletedBytes, reclaimedBytes } = await stores.ledgerFigures.count({ since });
    const repository = 'apps/shop/web';
    const ofOne = await stores.ledgerFigures.count({ since, repository });
    await close();

    expect(totals.reclaimableBytes).toBe(617);
    expect([deletedBytes, reclaimedBytes]).toEqual([1010, 1000]);
    expect([ofOne.deletedBytes, ofOne.reclaimedBytes]).toEqual([0, null]);
    expect(byRepository).toEqual([
      ['apps/cart/web', 7],
      ['apps/shop/web', 610],
    ]);
    expect(byEnvironment).toEqual([
      ['-', 7],
      ['dev', 610],
    ]);
  });

  it('leave out what a reclaim took: blobs from before it that no manifest names', async () => {
    const { stores, client, close } = await openAll();
    const { inventory, storageSamples } = stores;
    await pushImage(inventory, 'apps/shop/web', 'one', { one: 500 });
    const gone = await pushImage(inventory, 'apps/shop/web', 'two', { one: 500, two: 900 });
    await inventory.recordManifestDelete('apps/shop/web', gone, 'custodian', T0);
    const bytes = async (): Promise<number> => {
      const order = { day: '2026-11-30', at: T0, places: [] };
      return (await storageSamples.take(order)).totals.storageBytes;
    };
    const before = await bytes();
    const reclaim = `INSERT INTO gc_reclaims (id, state, planned_bytes, closed_at, started_at)
      VALUES ($1, $2, 0, $3, $3)`;
    await client.query(reclaim, ['failed', 'failed', '2026-02-01T00:00:00Z']);
    const failed = await bytes();
    await client.query(reclaim, ['done', 'done', '2026-02-01T00:00:00Z']);
    const after = await bytes();
    await inventory.recordBlob('apps/shop/web', digestOf('new'), 7, 'a', '2026-02-02T00:00:00Z');
    const uploaded = await bytes();
    await close();

    expect([before, failed, after, uploaded]).toEqual([1520, 1520, 610, 617]);
  });

  it('say that they could not find out when Postgres is down', async () => {
    const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
    await server.crash();

    const codes = await Promise.all(
      [
        stores.storageSamples.repositories(),
        stores.storageSamples.take({ day: '2026-11-30', at: T0, places: [] }),
        stores.storageSamples.newest(),
        stores.storageSamples.groups('2026-11-30', { by: 'team', limit: 1 }),
        stores.storageSamples.days('2026-11-30'),
        stores.ledgerFigures.count({ since: T0 }),
        stores.oldRecords.forget('tag-moves', T0, 1),
      ].map(async (call) => codeOf(call)),
    );
    await stores.close();
    await server.start();

    expect(new Set(codes)).toEqual(new Set(['LEDGER_UNAVAILABLE']));
  });
});
