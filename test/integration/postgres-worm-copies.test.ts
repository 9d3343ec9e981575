import { describeWormCopies } from '../support/contracts/worm-copies';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores } from '../support/registry-stores';

jest.setTimeout(60_000);

let server: PostgresServer;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startPostgres();
});

afterEach(async () => {
  for (const stores of opened.splice(0)) await stores.close();
});

afterAll(async () => {
  await server.stop();
});

describeWormCopies('Postgres', async () => {
  const stores = await openStores(await server.freshDatabase());
  opened.push(stores);
  return stores.wormCopies;
});
