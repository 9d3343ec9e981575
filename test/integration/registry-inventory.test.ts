import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { createPostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import type { Digest } from '../../src/domain/digest';
import { describeInventory } from '../support/contracts/inventory';
import {
  layer,
  pushed,
  pushOf,
  REPOSITORY,
  TAG,
  type InventoryUnderTest,
} from '../support/contracts/inventory-builders';
import { A, B, digestOf, T0 } from '../support/contracts/ledger-builders';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores, untilRow, type OpenStores } from '../support/registry-stores';

jest.setTimeout(60_000);

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

interface MoveRow {
  readonly from: Digest | null;
  readonly to: Digest | null;
}

async function open(): Promise<InventoryUnderTest> {
  const stores = await openStores(await server.freshDatabase());
  const { client, connectionString, inventory, pendingPushes } = stores;
  const ledger = createPostgresLedger({ connectionString, max: 4 });
  return {
    inventory,
    pendingPushes,
    ledger,
    pass: async (ms) => {
      const age = `$1 * interval '1 millisecond'`;
      await client.query(`UPDATE tags SET pending_since = pending_since - ${age}`, [ms]);
      await client.query(`UPDATE pushes SET begun_at = begun_at - ${age}`, [ms]);
    },
    movesOf: async (repository, tag) => {
      const { rows } = await client.query<MoveRow>(
        `SELECT from_digest AS from, to_digest AS to FROM tag_moves
         WHERE repository = $1 AND tag = $2 ORDER BY id`,
        [repository, tag],
      );
      return rows;
    },
    blobsOf: async (repository) => {
      const { rows } = await client.query<{ digest: Digest; size: string }>(
        'SELECT digest, size FROM repository_blobs WHERE repository = $1',
        [repository],
      );
      return new Map(rows.map((row) => [row.digest, Number(row.size)]));
    },
    close: async () => {
      await ledger.close();
      await stores.close();
    },
  };
}

describeInventory('Postgres', open);

describe('Postgres inventory', () => {
  let stores: OpenStores;

  beforeEach(async () => {
    stores = await openStores(await server.freshDatabase());
  });

  afterEach(async () => {
    await stores.close();
  });

  const unavailable = { code: 'LEDGER_UNAVAILABLE' };

  it('leaves nothing of a push that it could not record whole, the claim neither', async () => {
    const { inventory, client } = stores;
    const bad = { ...layer('l1'), kind: 'nonsense' as 'layer' };

    const begun = inventory.beginPush(pushOf({ edges: [bad] }));

    await expect(begun).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    for (const table of ['tags', 'repositories', 'manifests', 'repository_blobs', 'pushes']) {
      const { rowCount } = await client.query(`SELECT 1 FROM ${table}`);
      expect({ table, rowCount }).toEqual({ table, rowCount: 0 });
    }
  });

  it('fails closed while Postgres is down, and knows every claim after a crash', async () => {
    const { inventory, connectionString } = stores;
    await stores.client.end();
    const lost = pushOf();
    await inventory.beginPush(lost);
    await pushed(inventory, { tag: '1.0.1_abc1234' });

    await server.crash();
    await expect(inventory.beginPush(pushOf({ tag: 'x' }))).rejects.toMatchObject(unavailable);
    await expect(inventory.completePush(lost)).rejects.toMatchObject(unavailable);
    await expect(inventory.exclusively('k', async () => Promise.resolve())).rejects.toMatchObject(
      unavailable,
    );
    await server.start();

    expect(await inventory.beginPush(pushOf({ digest: B }))).toMatchObject({
      kind: 'taken',
      digest: A,
    });
    await inventory.completePush(lost);
    expect(await inventory.listTags(REPOSITORY, { limit: 10 })).toHaveLength(2);
    await stores.close();
    stores = await openStores(connectionString);
  });

  it('forgets pushes a day after their end, and those without one after a month', async () => {
    const { inventory, client } = stores;
    const age = async (days: number): Promise<void> => {
      await client.query(
        `UPDATE pushes SET completed_at = completed_at - $1 * interval '1 day',
           begun_at = begun_at - $1 * interval '1 day'`,
        [days],
      );
    };
    await inventory.beginPush(pushOf({ id: 'lost', tag: '1.0.0_abc1234' }));
    await age(30);
    await pushed(inventory, { id: 'old', tag: '1.0.1_abc1234' });
    await inventory.beginPush(pushOf({ id: 'open', tag: '1.0.2_abc1234' }));
    await age(2);

    await pushed(inventory, { id: 'new', tag: '1.0.3_abc1234' });

    const { rows } = await client.query<{ id: string }>(
      'SELECT push_id AS id FROM pushes ORDER BY push_id',
    );
    expect(rows.map((row) => row.id)).toEqual(['new', 'open']);
  });

  it('is not open to SQL in names, and replaces what Postgres cannot store', async () => {
    const { inventory } = stores;
    const nasty = `x'); DROP TABLE tags; --`;

    await pushed(inventory, { repository: nasty, actor: 'a\0b' });

    expect(await inventory.listRepositories({ limit: 10 })).toEqual([nasty]);
    expect((await inventory.getTag(nasty, TAG))?.pushedBy).toBe('a\uFFFDb');
  });

  it('remembers when a digest was last read', async () => {
    const { inventory, client } = stores;
    await pushed(inventory);

    await inventory.recordActivity([{ repository: REPOSITORY, tag: null, digest: A, at: T0 }]);

    const { rows } = await client.query<{ at: Date }>('SELECT last_pulled_at AS at FROM manifests');
    expect(rows.map((row) => row.at.toISOString())).toEqual([T0]);
  });

  it('lets two hundred pushes of one tag race in four processes’ pools, and one wins', async () => {
    const { connectionString } = stores;
    const pools = Array.from({ length: 4 }, () =>
      createPostgresRegistryStores({ connectionString }),
    );

    const claims = await Promise.all(
      Array.from({ length: 200 }, async (_, index) =>
        pools[index % 4]!.inventory.beginPush(pushOf({ digest: digestOf(`race ${index}`) })),
      ),
    );

    expect(claims.filter((one) => one.kind === 'claimed')).toHaveLength(1);
    expect(claims.filter((one) => one.kind === 'taken')).toHaveLength(199);
    await Promise.all(pools.map(async (pool) => pool.close()));
  });

  describe('exclusive work', () => {
    const WAITS = `SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'`;

    it('runs one at a time across processes', async () => {
      const { connectionString } = stores;
      const other = createPostgresRegistryStores({ connectionString });
      let running = 0;
      let most = 0;
      const work = async (): Promise<void> => {
        running += 1;
        most = Math.max(most, running);
        await stores.inventory.getTag(REPOSITORY, TAG);
        running -= 1;
      };

      await Promise.all(
        Array.from({ length: 20 }, async (_, index) =>
          (index % 2 === 0 ? stores : other).inventory.exclusively('k', work),
        ),
      );

      expect({ running, most }).toEqual({ running: 0, most: 1 });
      await other.close();
    });

    it('gives up waiting for another process, and for its turn in this one', async () => {
      const { connectionString } = stores;
      const hasty = createPostgresRegistryStores({ connectionString, locks: { waitMs: 200 } });
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      const holding = stores.inventory.exclusively('k', async () => opened);
      await untilRow(
        stores.client,
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted`,
      );

      const first = hasty.inventory.exclusively('k', async () => Promise.resolve('ran'));
      const second = hasty.inventory.exclusively('k', async () => Promise.resolve('ran'));
      await expect(first).rejects.toMatchObject(unavailable);
      await expect(second).rejects.toMatchObject(unavailable);

      open();
      await holding;
      await expect(
        hasty.inventory.exclusively('k', async () => Promise.resolve('ran')),
      ).resolves.toBe('ran');
      await hasty.close();
    });

    it('goes to the next when its holder dies, and the holder is told that the lock was lost', async () => {
      const { client, connectionString } = stores;
      const other = createPostgresRegistryStores({ connectionString });
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      const holding = expect(
        stores.inventory.exclusively('k', async () => opened),
      ).rejects.toMatchObject(unavailable);
      await untilRow(client, `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted`);
      const next = other.inventory.exclusively('k', async () => Promise.resolve('next'));
      await untilRow(client, WAITS);

      await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted`,
      );

      await expect(next).resolves.toBe('next');
      open();
      await holding;
      await expect(
        stores.inventory.exclusively('k', async () => Promise.resolve('again')),
      ).resolves.toBe('again');
      await other.close();
    });

    it('tells what the work threw even when the lock is lost', async () => {
      const { client, inventory } = stores;

      const failed = inventory.exclusively('k', async () => {
        await client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted`,
        );
        throw new Error('boom');
      });

      await expect(failed).rejects.toThrow('boom');
    });
  });
});
