import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { createPostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import { codeOf } from '../support/contracts/ledger-builders';
import { describeRollups, optOutOf, rollupReport } from '../support/contracts/rollups';
import { startPostgres, type PostgresServer } from '../support/postgres-server';

jest.setTimeout(60_000);

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

describeRollups('Postgres', async () => {
  const connectionString = await server.freshDatabase();
  const stores = createPostgresRegistryStores({ connectionString });
  const ledger = createPostgresLedger({ connectionString });
  return {
    rollups: stores.rollups,
    ledger,
    close: async () => {
      await Promise.all([stores.close(), ledger.close()]);
    },
  };
});

it('says of everything that it could not find out when Postgres is down', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  const { rollups } = stores;
  await server.crash();

  const codes = await Promise.all(
    [
      rollups.save(rollupReport()),
      rollups.get('monthly-1'),
      rollups.list(1),
      rollups.optOut(optOutOf()),
      rollups.removeOptOut('shop'),
      rollups.listOptOuts(),
      rollups.stable(null),
      rollups.sight([]),
    ].map(async (call) => codeOf(call)),
  );
  await stores.close();
  await server.start();

  expect(new Set(codes)).toEqual(new Set(['LEDGER_UNAVAILABLE']));
});
