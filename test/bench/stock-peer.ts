import { execFile, spawn } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { loadBases } from '../../src/config/bases-file';
import { repositoryRoot } from '../../src/local/repository-root';
import type { BenchStack } from './bench-stack';

const TIMEOUT_MS = 180_000;
const KEY_PASSWORD = 'bench';

export interface StockRelease {
  readonly version: string;
  readonly revision: string;
  readonly epoch: number;
}

export interface StockResult {
  /** Milliseconds of each step, as the script counted them. */
  readonly steps: ReadonlyMap<string, number>;
  readonly digest: string;
}

/** A release by the stock CLIs (stock-release.sh), on the stack that ours runs on. */
export type StockPeer = (release: StockRelease) => Promise<StockResult>;

export const STOCK_SERVICE = 'scripted';

async function linkTools({ stack }: BenchStack, folder: string): Promise<void> {
  await mkdir(folder);
  for (const name of ['buildctl', 'trivy', 'cosign', 'crane'] as const) {
    await symlink(await stack.toolchain.path(name), path.join(folder, name));
  }
}

/** What a team does once: the key as cosign keeps it, and where the log is. */
async function prepareCosign(
  { stateDir, addresses }: BenchStack,
  work: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly KEY: string; readonly SIGNING_CONFIG: string }> {
  const run = async (args: readonly string[]): Promise<void> => {
    await promisify(execFile)(path.join(work, 'bin', 'cosign'), args, { env });
  };
  const pem = path.join(stateDir, 'keys', 'release_eu-west-1.pem');
  const prefix = path.join(work, 'release');
  await run(['import-key-pair', '--key', pem, '--output-key-prefix', prefix, '--yes']);
  const config = path.join(work, 'signing-config.json');
  const log = `url=${addresses.rekor},api-version=2,start-time=2024-01-01T00:00:00Z,operator=bench`;
  await run([
    ...['signing-config', 'create', '--rekor', log],
    ...['--rekor-config', 'ANY', '--out', config],
  ]);
  return { KEY: `${prefix}.key`, SIGNING_CONFIG: config };
}

function runScript(env: NodeJS.ProcessEnv, work: string): Promise<string> {
  const script = path.join(repositoryRoot(), 'test/bench/stock-release.sh');
  const child = spawn('bash', [script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(Buffer.concat(chunks).toString());
      else {
        const said = Buffer.concat(errors).toString();
        reject(new Error(`stock-release.sh ended with ${String(code)}: ${said} (logs in ${work})`));
      }
    });
  });
}

function parseSteps(output: string): ReadonlyMap<string, number> {
  const lines = output.trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [name = '', ms] = line.split(' ');
      return [name, Number(ms)];
    }),
  );
}

export async function createStockPeer(running: BenchStack, source: string): Promise<StockPeer> {
  const { stateDir, addresses } = running;
  const work = path.join(stateDir, 'stock');
  await mkdir(work);
  await linkTools(running, path.join(work, 'bin'));
  const bases = await loadBases(path.join(stateDir, 'bases.json'));
  const pinned = (name: string): string => {
    const base = bases[name];
    if (!base) throw new Error(`the stack has no base ${name}`);
    return `${base.repository}@${base.digest}`;
  };
  const common = {
    PATH: `${path.join(work, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: work,
    COSIGN_PASSWORD: KEY_PASSWORD,
  };
  const env = {
    ...common,
    ...(await prepareCosign(running, work, common)),
    REGISTRY: new URL(addresses.registry).host,
    // All as the system: the script writes channels.
    DOCKER_CONFIG: await running.dockerConfig('system'),
    REGISTRY_SECRET_FILE: path.join(addresses.robots, 'system'),
    SERVICE: STOCK_SERVICE,
    SOURCE: source,
    BUILDKIT_HOST: addresses.buildkit,
    BASE_GO: pinned('bases/go'),
    BASE_STATIC: pinned('bases/static'),
    TRIVY_CACHE_DIR: path.join(stateDir, 'trivy'),
    TRUSTED_ROOT: path.join(stateDir, 'trust', 'trusted_root.json'),
    TARGET_URL: addresses.target,
    TARGET_TOKEN_FILE: path.join(stateDir, 'target', 'token'),
    WORK: work,
  };
  return async ({ version, revision, epoch }) => {
    const round = { ...env, VERSION: version, REVISION: revision, EPOCH: String(epoch) };
    const output = await runScript(round, work).catch(async (error: unknown) => {
      await keepLogs(work);
      throw error;
    });
    const steps = parseSteps(output);
    const metadata = JSON.parse(await readFile(path.join(work, 'build.json'), 'utf8')) as Record<
      string,
      string
    >;
    return { steps, digest: metadata['containerimage.digest'] ?? '' };
  };
}

/** The folder of the stack goes away; what the tools said is worth keeping then. */
async function keepLogs(work: string): Promise<void> {
  const logs = await Promise.all(
    ['build.log', 'crane.log', 'cosign.log'].map((name) =>
      readFile(path.join(work, name), 'utf8').catch(() => ''),
    ),
  );
  process.stderr.write(`${logs.join('\n').slice(-4000)}\n`);
  await writeFile(path.join(work, 'failed'), '');
}
