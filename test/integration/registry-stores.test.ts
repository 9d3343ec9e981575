import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { migrate } from '../../src/adapters/postgres/migrate';
import { describeGatewayState, listen } from '../support/contracts/gateway-state';
import { child, pushed, pushOf } from '../support/contracts/inventory-builders';
import { A, B, C, codeOf, digestOf, T0, T1 } from '../support/contracts/ledger-builders';
import { describeQuarantine, entryOf } from '../support/contracts/quarantine';
import { describeRobots, hashOf, robotOf, type RobotsUnderTest } from '../support/contracts/robots';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores, untilRow, type OpenStores } from '../support/registry-stores';

jest.setTimeout(60_000);

const BOTH = { parents: true, children: true };
const UNSEEN = digestOf('unseen');
let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

describeRobots('Postgres', async () => {
  const stores = await openStores(await server.freshDatabase());
  const withSecrets: RobotsUnderTest['withSecrets'] = async () =>
    (await stores.state.read(BOTH)).robots;
  return { robots: stores.robots, withSecrets, close: async () => stores.close() };
});

describeQuarantine('Postgres', async () => {
  const stores = await openStores(await server.freshDatabase());
  const { quarantine, inventory, client, connectionString } = stores;
  const ledger = createPostgresLedger({ connectionString, max: 2 });
  return {
    quarantine,
    inventory,
    isQuarantined: async (digest) => ledger.isQuarantined(digest),
    run: async (digest) => {
      await client.query(`INSERT INTO services (svc) VALUES ('shop')`);
      await client.query(
        `INSERT INTO channels (svc, channel, digest, epoch, changed_at, changed_by)
         VALUES ('shop', 'prod:stable', $1, 1, now(), 'alice')`,
        [digest],
      );
    },
    close: async () => {
      await ledger.close();
      await stores.close();
    },
  };
});

describeGatewayState('Postgres', async () => openStores(await server.freshDatabase()));

describe('Postgres registry stores', () => {
  let stores: OpenStores;
  let watching: AbortController;

  beforeEach(async () => {
    stores = await openStores(await server.freshDatabase());
    watching = new AbortController();
  });

  afterEach(async () => {
    watching.abort();
    await stores.close();
  });

  const MODE = { pushes: 'closed', reason: 'x', by: 'erin', since: T0, until: null } as const;

  describe('watch', () => {
    it('tells of robots, quarantine, mode and of edges that touch a block', async () => {
      const { robots, quarantine, inventory, state } = stores;
      await pushed(inventory, { tag: null, digest: A });
      await pushed(inventory, { tag: null, digest: B, edges: [child(A)] });
      const heard = listen(watching.signal, state);
      await heard.next();
      const changes: readonly (() => Promise<unknown>)[] = [
        async () => robots.create(robotOf(), hashOf('s1')),
        async () => robots.rotate('builder', hashOf('s2'), T1, T1),
        async () => robots.setDisabled('builder', T1),
        async () => robots.remove('builder'),
        async () => quarantine.add(entryOf()),
        async () => state.setMode(MODE),
        // An index around one that is blocked by spread only.
        async () => inventory.beginPush(pushOf({ digest: C, edges: [child(B)] })),
        async () => quarantine.lift(A, 'frank', 'false alarm', T1),
        async () => quarantine.add(entryOf({ digest: UNSEEN })),
        // What a blocked index holds becomes known.
        async () => inventory.completePush(pushOf({ tag: 'x', digest: UNSEEN, edges: [child(B)] })),
      ];

      for (const change of changes) {
        await change();
        await heard.next();
      }

      expect(heard.count()).toBe(changes.length + 1);
    });

    it('does not tell of what changes no decision', async () => {
      const { robots, quarantine, inventory, state } = stores;
      await robots.create(robotOf(), hashOf('s1'));
      await quarantine.add(entryOf());
      const heard = listen(watching.signal, state);
      await heard.next();

      await robots.recordUse([{ name: 'builder', at: T1 }]);
      await pushed(inventory, { digest: B, edges: [child(C)] });
      await inventory.recordActivity([{ ...pushOf({ digest: B }), at: T1 }]);
      await state.setMode(MODE);
      await heard.next();

      expect(heard.count()).toBe(2);
    });

    it('listens again after a crash, and says that it may have missed something', async () => {
      const { state, client, connectionString } = stores;
      await client.end();
      const heard = listen(watching.signal, state);
      await heard.next();

      await server.crash();
      expect(await codeOf(state.read(BOTH))).toBe('LEDGER_UNAVAILABLE');
      await server.start();
      await heard.next();

      await state.setMode(MODE);
      await heard.next();
      expect(heard.count()).toBe(3);
      await stores.close().catch(() => undefined);
      stores = await openStores(connectionString);
    });

    it('leaves no connection when it ends, even before it was made', async () => {
      const { state, client } = stores;
      const listening = `SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND query = 'LISTEN plura_registry'`;
      const heard = listen(watching.signal, state);
      await heard.next();
      await untilRow(client, listening);

      watching.abort();
      const early = new AbortController();
      const unheard = listen(early.signal, state);
      early.abort();

      await untilRow(client, `SELECT 1 WHERE NOT EXISTS (${listening})`);
      expect([heard.count(), unheard.count()]).toEqual([1, 0]);
    });
  });

  it('says of every port that it could not find out when Postgres is down', async () => {
    const { robots, quarantine, inventory, state, client, connectionString } = stores;
    await client.end();
    await server.crash();

    const codes = await Promise.all(
      [
        robots.list(),
        robots.create(robotOf(), hashOf('s1')),
        quarantine.get(A),
        quarantine.add(entryOf()),
        inventory.getTag('a', 'b'),
        inventory.recordActivity([{ ...pushOf(), at: T0 }]),
        state.read(BOTH),
        state.setMode(MODE),
      ].map(async (call) => codeOf(call)),
    );
    await server.start();

    expect(new Set(codes)).toEqual(new Set(['LEDGER_UNAVAILABLE']));
    await stores.close().catch(() => undefined);
    stores = await openStores(connectionString);
  });

  it('closes a circle of a thousand indexes in one read', async () => {
    const { inventory, quarantine, state } = stores;
    const chain = Array.from({ length: 1000 }, (_, index) => digestOf(`link ${index}`));
    for (const [index, digest] of chain.entries()) {
      const next = chain[(index + 1) % chain.length]!;
      await inventory.completePush(pushOf({ tag: null, digest, edges: [child(next)] }));
    }
    await quarantine.add(entryOf({ digest: chain[500]! }));

    const { blocks } = await state.read(BOTH);

    expect(blocks).toHaveLength(1000);
  });
});

describe('migration of the registry', () => {
  it('keeps the claims and quarantines of the ledger, as final and open', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'plura-migrations-'));
    const sources = path.resolve(__dirname, '../../src/adapters/postgres/migrations');
    await cp(sources, folder, { recursive: true });
    for (const name of await readdir(folder)) {
      if (name >= '0003') await rm(path.join(folder, name));
    }
    const connectionString = await server.emptyDatabase();
    await migrate(connectionString, folder);
    const client = new Client({ connectionString });
    await client.connect();
    await client.query(
      `INSERT INTO tags (repository, tag, digest, claimed_by, claimed_at)
       VALUES ('apps/shop/web', '1.0.0_abc1234', $1, 'run-1', $2)`,
      [A, T0],
    );
    await client.query(
      `INSERT INTO quarantines (digest, reason, actor, at) VALUES ($1, 'bad', 'erin', $2)`,
      [B, T0],
    );
    await client.end();

    expect(await migrate(connectionString)).toContain('0003_registry.sql');

    const stores = await openStores(connectionString);
    expect(await stores.inventory.beginPush(pushOf({ digest: C }), true)).toEqual({
      kind: 'taken',
      digest: A,
      by: 'run-1',
      at: T0,
      abandoned: false,
    });
    expect(await stores.quarantine.get(B)).toMatchObject({
      reason: 'bad',
      cves: [],
      expiresAt: null,
    });
    await stores.close();
    await rm(folder, { recursive: true });
  });
});
