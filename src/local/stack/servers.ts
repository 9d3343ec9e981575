import { chmod, mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../contract/search-attributes';
import { buildkitdConfig } from '../buildkitd-config';
import type { ProcessSpec } from '../process/child';
import { SetupError } from '../process/setup-error';
import { notificationSecretFile } from '../seed/keys';
import { findOnPath } from '../toolchain/path-lookup';
import { baseEnvironment, buildkitSocket, httpAt, type StackContext } from './context';
import { prometheusConfig } from './prometheus-config';

/** f_type of overlayfs (statfs(2)); BuildKit can't put an overlay on an overlay. */
const OVERLAYFS_MAGIC = 0x794c7630;

async function folderIn(context: StackContext, name: string): Promise<string> {
  const folder = join(context.stateDir, name);
  await mkdir(folder, { recursive: true });
  return folder;
}

/**
 * Tells the gateway what was pushed and deleted, so that it learns of what went around it. Not of reads, which the gateway
 * counts itself, nor of blobs: a manifest tells of its blobs.
 */
async function notifications({ ports, stateDir }: StackContext): Promise<object> {
  const secret = (await readFile(notificationSecretFile(stateDir), 'utf8')).trim();
  return {
    endpoints: [
      {
        name: 'gateway',
        url: `${httpAt(ports.registry)}/notifications`,
        headers: { Authorization: [`Bearer ${secret}`] },
        timeout: '2s',
        threshold: 5,
        backoff: '1s',
        ignore: { mediatypes: ['application/octet-stream'], actions: ['pull'] },
      },
    ],
  };
}

/** Where the registry keeps its blobs, and the gateway reads them. */
export function registryStorageDir(stateDir: string): string {
  return join(stateDir, 'registry', 'data');
}

export function registryConfigFile(stateDir: string): string {
  return join(stateDir, 'registry', 'config.yml');
}

export async function prepareRegistry(context: StackContext): Promise<ProcessSpec> {
  await folderIn(context, 'registry');
  const storageDir = registryStorageDir(context.stateDir);
  await mkdir(storageDir, { recursive: true });
  const config = {
    version: '0.1',
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: storageDir },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: `127.0.0.1:${context.ports['registry-backend']}` },
    notifications: await notifications(context),
  };
  const file = registryConfigFile(context.stateDir);
  // JSON is YAML, and quotes every path right. Private, for the secret in it, also where an older one was not.
  await rm(file, { force: true });
  await writeFile(file, JSON.stringify(config), { flag: 'wx', mode: 0o600 });
  return {
    command: await context.path('registry'),
    args: ['serve', file],
    env: { ...baseEnvironment(context), OTEL_TRACES_EXPORTER: 'none' },
  };
}

/** Tuned as decided (design, decision 16): an idle activity takes 6 ms instead of 102 ms. */
const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=1000',
  'history.timerProcessorMaxPollRPS=1000',
  'system.enableActivityEagerExecution=true',
];

export async function prepareTemporal(context: StackContext): Promise<ProcessSpec> {
  const folder = await folderIn(context, 'temporal');
  const { ports } = context;
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(ports.temporal)];
  args.push('--ui-port', String(ports['temporal-ui']), '--namespace', 'default');
  args.push('--db-filename', join(folder, 'temporal.db'), '--log-level', 'warn');
  args.push(...DYNAMIC_CONFIG.flatMap((value) => ['--dynamic-config-value', value]));
  const attributes = Object.values(SEARCH_ATTRIBUTES).map((name) => `${name}=Keyword`);
  args.push(...attributes.flatMap((attribute) => ['--search-attribute', attribute]));
  // One fsync a checkpoint instead of several a commit; what a power cut can take is the last moment, never consistency.
  args.push('--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL');
  args.push('--disable-config-file', '--disable-config-env', '--color', 'never');
  return { command: await context.path('temporal'), args, env: baseEnvironment(context) };
}

export async function prepareRekor(
  context: StackContext,
  signerFile: string,
): Promise<ProcessSpec> {
  const folder = await folderIn(context, 'rekor');
  const { ports } = context;
  const args = ['serve', '--storage-dir', join(folder, 'log'), '--signer-filepath', signerFile];
  args.push('--hostname', '127.0.0.1', '--log-level', 'warn');
  args.push('--http-port', String(ports.rekor), '--grpc-port', String(ports['rekor-grpc']));
  args.push('--http-metrics-port', String(ports['rekor-metrics']));
  // A release waits for its entry: seal batches at once instead of after a quarter of a second.
  args.push('--batch-max-age', '10ms', '--checkpoint-interval', '100ms');
  return { command: await context.path('rekor-server'), args, env: baseEnvironment(context) };
}

export async function preparePrometheus(context: StackContext): Promise<ProcessSpec> {
  const folder = await folderIn(context, 'prometheus');
  const file = join(folder, 'prometheus.yml');
  await writeFile(file, prometheusConfig(context.ports));
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  args.push(`--web.listen-address=127.0.0.1:${context.ports.prometheus}`);
  args.push('--storage.tsdb.retention.time=7d', '--log.level=warn');
  return { command: await context.path('prometheus'), args, env: baseEnvironment(context) };
}

async function snapshotterFor(folder: string): Promise<'overlayfs' | 'native'> {
  const { type } = await statfs(folder);
  return type === OVERLAYFS_MAGIC ? 'native' : 'overlayfs';
}

export async function prepareBuildkitd(context: StackContext): Promise<ProcessSpec> {
  const folder = await folderIn(context, 'buildkit');
  const socket = buildkitSocket(context.stateDir);
  await mkdir(dirname(socket), { recursive: true });
  await chmod(dirname(socket), 0o700);
  await rm(socket, { force: true });
  const file = join(folder, 'buildkitd.toml');
  const config = buildkitdConfig({
    root: join(folder, 'root'),
    socket,
    registryHost: `127.0.0.1:${context.ports.registry}`,
    runc: await context.path('runc'),
    snapshotter: await snapshotterFor(folder),
  });
  await writeFile(file, config);
  const command = await context.path('buildkitd');
  const env = { ...baseEnvironment(context), OTEL_TRACES_EXPORTER: 'none' };
  if (process.getuid?.() === 0) {
    return { command, args: ['--config', file], env };
  }
  const rootlesskit = findOnPath('rootlesskit', context.environment['PATH'] ?? '');
  if (rootlesskit === undefined) {
    throw new SetupError(
      'BuildKit needs root, or rootlesskit on PATH.',
      'Run the command with sudo, or install rootlesskit and uidmap.',
    );
  }
  const flags = ['--net=host', '--copy-up=/etc', '--copy-up=/run'];
  return {
    command: rootlesskit,
    args: [...flags, command, '--rootless', '--config', file],
    env,
  };
}
