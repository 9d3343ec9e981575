import { createPostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import { checkOf, describeChecks, GUARD, rollbackOf } from '../support/contracts/checks';
import { codeOf } from '../support/contracts/ledger-builders';
import { startPostgres, type PostgresServer } from '../support/postgres-server';

jest.setTimeout(60_000);

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

describeChecks('Postgres', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  return { checks: stores.checks, close: async () => stores.close() };
});

it('says of everything that it could not find out when Postgres is down', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  await server.crash();

  const codes = await Promise.all(
    [
      stores.checks.record(checkOf()),
      stores.checks.newest({ limit: 1 }),
      stores.checks.history('shop', 1),
      stores.checks.beginRollback(rollbackOf(), GUARD),
      stores.checks.endRollback('one', 'done', ''),
      stores.checks.rollbacks('shop', 1),
    ].map(async (call) => codeOf(call)),
  );
  await stores.close();
  await server.start();

  expect(new Set(codes)).toEqual(new Set(['LEDGER_UNAVAILABLE']));
});
