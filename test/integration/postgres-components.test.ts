import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { describeAdvisoryMatches } from '../support/contracts/advisory-matches';
import { describeAdvisoryRatings } from '../support/contracts/advisory-ratings';
import {
  describeComponentIndex,
  type ComponentsUnderTest,
} from '../support/contracts/component-index';
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

async function open(): Promise<ComponentsUnderTest> {
  const stores = await openStores(await server.freshDatabase());
  const { componentIndex: index, advisoryMatches: matches, rescans, inventory } = stores;
  const ledger = createPostgresLedger({ connectionString: stores.connectionString, max: 2 });
  return {
    ...{ index, matches, rescans, inventory, ledger },
    close: async () => {
      await ledger.close();
      await stores.close();
    },
  };
}

describeComponentIndex('Postgres', open);
describeAdvisoryMatches('Postgres', open);
describeAdvisoryRatings('Postgres', open);
