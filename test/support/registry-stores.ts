import { Client } from 'pg';
import {
  createPostgresRegistryStores,
  type PostgresRegistryStores,
} from '../../src/adapters/postgres/registry-stores';

export interface OpenStores extends PostgresRegistryStores {
  readonly connectionString: string;
  /** For what no port does. */
  readonly client: Client;
}

/** The stores on a migrated database, with a connection beside them. */
export async function openStores(connectionString: string): Promise<OpenStores> {
  const stores = createPostgresRegistryStores({ connectionString });
  const client = new Client({ connectionString });
  await client.connect();
  return {
    ...stores,
    connectionString,
    client,
    close: async () => {
      await client.end();
      await stores.close();
    },
  };
}

/** Asks again until `sql` answers with a row; fails after ten seconds. */
export async function untilRow(client: Client, sql: string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const { rowCount } = await client.query(sql);
    if (rowCount) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nothing came of: ${sql}`);
}
