import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { ReleaseError } from '../../contract/errors';
import { toReleaseError } from './failures';

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

// Any constant will do; it only has to be ours in this database.
const LOCK_KEY = 7_031_946;
const NAME = /^\d{4}_[a-z0-9_]+\.sql$/;

/** Beside this file in the source tree; the compiler copies no SQL, so a build reads the sources'. */
function defaultFolder(): string {
  const beside = path.join(__dirname, 'migrations');
  return existsSync(beside)
    ? beside
    : path.resolve(__dirname, '../../../../src/adapters/postgres/migrations');
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(path.join(folder, name), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** What is still to apply. An applied file that changed since is refused: the past is not edited. */
function findPending(all: readonly Migration[], applied: ReadonlyMap<string, string>): Migration[] {
  const changed = all.find((one) => (applied.get(one.name) ?? one.checksum) !== one.checksum);
  if (changed) {
    throw new ReleaseError('INTERNAL', `Migration ${changed.name} was changed after it ran`, {
      details: { remedy: 'restore the file and write a new migration' },
    });
  }
  const pending = all.filter((one) => !applied.has(one.name));
  const late = pending.find((one) => [...applied.keys()].some((name) => name > one.name));
  if (late) {
    throw new ReleaseError('INTERNAL', `Migration ${late.name} comes before one that already ran`, {
      details: { remedy: 'give it the next free number' },
    });
  }
  return pending;
}

async function applyAll(client: Client, folder: string): Promise<readonly string[]> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS schema_migrations
       (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM schema_migrations',
  );
  const applied = new Map(rows.map((row) => [row.name, row.checksum]));
  const pending = findPending(await readMigrations(folder), applied);
  for (const { name, sql, checksum } of pending) {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query('INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)', [
      name,
      checksum,
    ]);
    await client.query('COMMIT');
  }
  return pending.map((one) => one.name);
}

/**
 * Brings the schema up to date and returns the names it applied. Any number of processes may call it
 * at once: an advisory lock lets one work while the others wait. A failed migration leaves nothing.
 * @throws ReleaseError LEDGER_UNAVAILABLE, INTERNAL when a migration was changed or is out of order.
 */
export async function migrate(
  connectionString: string,
  folder: string = defaultFolder(),
): Promise<readonly string[]> {
  const client = new Client({
    connectionString,
    application_name: 'plura-migrate',
    connectionTimeoutMillis: 5000,
    statement_timeout: 120_000,
  });
  let lost: Error | undefined;
  client.on('error', (error) => (lost = error));
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    return await applyAll(client, folder);
  } catch (error) {
    throw error instanceof ReleaseError ? error : toReleaseError(lost ?? error);
  } finally {
    // Ending the session frees the lock and rolls back what was open.
    await client.end().catch(() => undefined);
  }
}
