import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { migrate } from '../../src/adapters/postgres/migrate';
import { startPostgres, type PostgresServer } from '../support/postgres-server';

jest.setTimeout(60_000);

const SOURCES = path.resolve(__dirname, '../../src/adapters/postgres/migrations');

describe('migrate', () => {
  let server: PostgresServer;
  let folder: string;
  let connectionString: string;

  beforeAll(async () => {
    server = await startPostgres();
  });

  afterAll(async () => {
    await server.stop();
  });

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'plura-migrations-'));
    await cp(SOURCES, folder, { recursive: true });
    connectionString = await server.emptyDatabase();
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('brings an empty database up to date, and then has nothing to do', async () => {
    expect(await migrate(connectionString)).toContain('0001_ledger.sql');
    expect(await migrate(connectionString)).toEqual([]);

    const ledger = createPostgresLedger({ connectionString });
    await expect(ledger.ping()).resolves.toBeUndefined();
    await ledger.close();
  });

  it('applies each migration once when many processes start at the same time', async () => {
    const runs = await Promise.all(
      Array.from({ length: 8 }, async () => migrate(connectionString)),
    );

    expect(runs.flat().filter((name) => name === '0001_ledger.sql')).toHaveLength(1);
  });

  it('leaves nothing of a migration that fails, and goes on once it is mended', async () => {
    const file = path.join(folder, '9000_next.sql');
    await writeFile(file, 'CREATE TABLE next_one (id int); SELECT no_such_function();');
    await expect(migrate(connectionString, folder)).rejects.toThrow(/no_such_function/);

    await writeFile(file, 'CREATE TABLE next_one (id int);');

    expect(await migrate(connectionString, folder)).toEqual(['9000_next.sql']);
  });

  it('refuses a migration that was changed after it ran', async () => {
    await migrate(connectionString, folder);
    await writeFile(path.join(folder, '0001_ledger.sql'), 'SELECT 1;');

    await expect(migrate(connectionString, folder)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('0001_ledger.sql') as string,
    });
  });

  it('refuses a migration that comes before one that already ran', async () => {
    await migrate(connectionString, folder);
    await writeFile(path.join(folder, '0000_too_late.sql'), 'SELECT 1;');

    await expect(migrate(connectionString, folder)).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('works on a database that is ahead of this version of the product', async () => {
    await writeFile(path.join(folder, '9000_next.sql'), 'CREATE TABLE next_one (id int);');
    await migrate(connectionString, folder);

    expect(await migrate(connectionString)).toEqual([]);
  });

  it('says so when Postgres is not there', async () => {
    await expect(migrate('postgres://plura:x@127.0.0.1:1/none')).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });
  });
});
