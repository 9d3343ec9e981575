import { createPostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import { describeDrills, preflightOf, reportOf } from '../support/contracts/drills';
import { describeLeases, leaseOf } from '../support/contracts/leases';
import { A, codeOf, T0 } from '../support/contracts/ledger-builders';
import { startPostgres, type PostgresServer } from '../support/postgres-server';

jest.setTimeout(60_000);

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

describeLeases('Postgres', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  return { leases: stores.leases, close: async () => stores.close() };
});

describeDrills('Postgres', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  return { drills: stores.drills, close: async () => stores.close() };
});

it('says of everything that it could not find out when Postgres is down', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  await server.crash();

  const codes = await Promise.all(
    [
      stores.leases.renew(leaseOf()),
      stores.leases.find('apps/shop/shop', [A], T0),
      stores.drills.saveReport(reportOf()),
      stores.drills.getReport('shop-1'),
      stores.drills.listReports({ limit: 1 }),
      stores.drills.savePreflight(preflightOf()),
      stores.drills.getPreflight('shop'),
      stores.drills.listPreflights(),
    ].map(async (call) => codeOf(call)),
  );
  await stores.close();
  await server.start();

  expect(new Set(codes)).toEqual(new Set(['LEDGER_UNAVAILABLE']));
});
