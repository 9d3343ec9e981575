import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import type { AllowList } from '../../src/ports/allow-list';
import type { Ledger } from '../../src/ports/ledger';
import {
  denialOf,
  describeAllowList,
  grantOf,
  holdOf,
  pin,
  type AllowListUnderTest,
} from '../support/contracts/allow-list';
import { listen } from '../support/contracts/gateway-state';
import { describeDenied } from '../support/contracts/denied';
import { describeHolds } from '../support/contracts/holds';
import { child, pushed, REPOSITORY } from '../support/contracts/inventory-builders';
import { A, B, C, codeOf, T0, T1 } from '../support/contracts/ledger-builders';
import { entryOf } from '../support/contracts/quarantine';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores, type OpenStores } from '../support/registry-stores';

jest.setTimeout(60_000);

const IMAGE = { repository: REPOSITORY, digest: A };
const LISTENING_MS = 1000;
let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

interface Opened extends AllowListUnderTest {
  readonly stores: OpenStores;
}

async function open(): Promise<Opened> {
  const stores = await openStores(await server.freshDatabase());
  const { allowList, quarantine, inventory, connectionString } = stores;
  const ledger = createPostgresLedger({ connectionString, max: 2 });
  return {
    stores,
    allowList,
    ledger,
    quarantine,
    inventory,
    close: async () => {
      await ledger.close();
      await stores.close();
    },
  };
}

describeAllowList('Postgres', open);

describe('the allow-list in Postgres', () => {
  let under: Opened;
  let allowList: AllowList;
  let ledger: Ledger;
  let watching: AbortController;

  const revision = async (): Promise<number> => (await allowList.revisions()).allowList;

  beforeEach(async () => {
    under = await open();
    ({ allowList, ledger } = under);
    watching = new AbortController();
  });

  afterEach(async () => {
    watching.abort();
    await under.close();
  });

  describeHolds(() => allowList);
  describeDenied(() => under);

  it('tells within a second of all that may turn a yes into a no, its revision moved', async () => {
    const { quarantine, inventory } = under;
    await pushed(inventory, { tag: null, digest: A });
    const bad = { svc: 'shop', digest: A, reason: 'errors', at: T0, actor: 'olga' };
    const heard = listen(watching.signal, allowList);
    await heard.next();
    const changes: readonly (() => Promise<unknown>)[] = [
      async () => allowList.addGrant(grantOf()),
      async () => allowList.revokeGrant('g-1', 'frank', 'over', T1),
      async () => allowList.addDenial(denialOf()),
      // An index around what is denied.
      async () => pushed(inventory, { tag: null, digest: B, edges: [child(A)] }),
      async () => allowList.liftDenial(A, 'frank', 'false alarm', T1),
      async () => quarantine.add(entryOf()),
      // And one around what is blocked through another.
      async () => pushed(inventory, { tag: null, digest: C, edges: [child(B)] }),
      async () => quarantine.lift(A, 'frank', 'false alarm', T1),
      async () => pin(ledger, A, T0),
      async () => pin(ledger, B, T1),
      async () => ledger.markBad(bad),
      async () => ledger.releaseBad('shop', A, 'olga', 'no', T1),
      async () => allowList.addHold(holdOf()),
      async () => allowList.releaseHold('h-1', 'olga', 'over', T1),
    ];
    let last = await revision();

    for (const change of changes) {
      await change();
      const startedAt = performance.now();
      await heard.next();
      expect(performance.now() - startedAt).toBeLessThan(LISTENING_MS);
      const now = await revision();
      expect(now).toBeGreaterThan(last);
      last = now;
    }

    expect(heard.count()).toBe(changes.length + 1);
  });

  it('does not tell of what decides nothing', async () => {
    const heard = listen(watching.signal, allowList);
    await heard.next();
    await pin(ledger, A, T0);
    await heard.next();
    const before = await revision();

    await pin(ledger, A, T1);
    await pushed(under.inventory, { digest: B });
    await ledger.bumpEpoch('shop', 'key');

    expect(await revision()).toBe(before);
    expect(heard.count()).toBe(2);
  });

  it('shows a new revision no sooner than the change', async () => {
    const { client } = under.stores;
    const before = await revision();
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO allow_denials (digest, reason, actor, at) VALUES ($1, 'x', 'erin', now())`,
      [A],
    );

    const during = await allowList.facts(IMAGE);
    await client.query('COMMIT');
    const after = await allowList.facts(IMAGE);

    expect([during.revision, during.denials]).toEqual([before, []]);
    expect(after.revision).toBe(before + 1);
    expect(after.denials).toHaveLength(1);
  });

  it('loses no change of many writers at once', async () => {
    const before = await revision();

    await Promise.all(
      Array.from({ length: 40 }, async (_, index) =>
        allowList.addGrant(grantOf({ id: `g-${index}` })),
      ),
    );

    expect(await revision()).toBe(before + 40);
  });

  it('says of everything that it could not find out when Postgres is down', async () => {
    await under.stores.client.end();
    await server.crash();

    const codes = await Promise.all(
      [
        allowList.addGrant(grantOf()),
        allowList.revokeGrant('g-1', 'x', 'x', T1),
        allowList.getGrant('g-1'),
        allowList.listGrants({ limit: 1 }),
        allowList.addDenial(denialOf()),
        allowList.liftDenial(A, 'x', 'x', T1),
        allowList.listDenials({ limit: 1 }),
        allowList.listDenied(),
        allowList.addHold(holdOf()),
        allowList.releaseHold('h-1', 'x', 'x', T1),
        allowList.listHolds({ limit: 1 }),
        allowList.facts(IMAGE),
        allowList.revisions(),
      ].map(async (call) => codeOf(call)),
    );
    await server.start();

    expect(new Set(codes)).toEqual(new Set(['LEDGER_UNAVAILABLE']));
    await under.close().catch(() => undefined);
    under = await open();
  });
});
