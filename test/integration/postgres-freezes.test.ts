import { createPostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import { describeFreezes, freezeOf } from '../support/contracts/freezes';
import { codeOf, T0, T1 } from '../support/contracts/ledger-builders';
import { startPostgres, type PostgresServer } from '../support/postgres-server';

jest.setTimeout(60_000);

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

describeFreezes('Postgres', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  return { freezes: stores.freezes, close: async () => stores.close() };
});

it('says of everything that it could not find out when Postgres is down', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  await server.crash();

  const codes = await Promise.all(
    [
      stores.freezes.add(freezeOf()),
      stores.freezes.get('weekend'),
      stores.freezes.list({ limit: 1 }),
      stores.freezes.remove('weekend', 'carol', 'x', T1),
      stores.freezes.stop({ svc: null, reason: 'x', by: 'carol', at: T0 }),
      stores.freezes.resume(null, 'carol', 'x', T1),
      stores.freezes.stops(),
      stores.freezes.covering('shop'),
    ].map(async (call) => codeOf(call)),
  );
  await stores.close();
  await server.start();

  expect(new Set(codes)).toEqual(new Set(['LEDGER_UNAVAILABLE']));
});
