import { describeKeyRevocations } from '../support/contracts/key-revocations';
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

describeKeyRevocations('Postgres', async () => openStores(await server.freshDatabase()));
