import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { describeRescans } from '../support/contracts/rescans';
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

describeRescans('Postgres', async () => {
  const stores = await openStores(await server.freshDatabase());
  const { rescans, allowList, connectionString } = stores;
  const ledger = createPostgresLedger({ connectionString, max: 2 });
  return {
    rescans,
    allowList,
    ledger,
    close: async () => {
      await ledger.close();
      await stores.close();
    },
  };
});
