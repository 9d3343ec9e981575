import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { describeScanFindings } from '../support/contracts/scan-findings';
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

describeScanFindings('Postgres', async () => {
  const stores = await openStores(await server.freshDatabase());
  const { scanFindings: findings, inventory, connectionString } = stores;
  const ledger = createPostgresLedger({ connectionString, max: 2 });
  return {
    findings,
    ledger,
    inventory,
    close: async () => {
      await ledger.close();
      await stores.close();
    },
  };
});
