import { describeGcItemFacts } from '../support/contracts/gc-item-facts';
import { describeReclaims } from '../support/contracts/reclaims';
import { describeUploadLeases } from '../support/contracts/upload-leases';
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

describeUploadLeases('Postgres', async () => {
  const stores = await openStores(await server.freshDatabase());
  const { uploads: leases, inventory } = stores;
  return { leases, inventory, close: () => stores.close() };
});

describeReclaims('Postgres', async () => {
  const stores = await openStores(await server.freshDatabase());
  return { reclaims: stores.reclaims, close: () => stores.close() };
});

describeGcItemFacts('Postgres', async () => {
  const stores = await openStores(await server.freshDatabase());
  const { gcItemFacts: facts, inventory } = stores;
  return { facts, inventory, close: () => stores.close() };
});
