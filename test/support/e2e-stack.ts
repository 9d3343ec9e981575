import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { releasePath } from '../../src/cli/references';
import { readSession } from '../../src/cli/session-file';
import type { RegistryCredentials } from '../../src/contract/docker-config';
import { ReleaseView } from '../../src/contract/schema/api-release';
import { ServiceView } from '../../src/contract/schema/api-service';
import type { ReleaseStage } from '../../src/domain/release';
import type { LocalRobotName } from '../../src/local/seed/robots';
import { robotCredentials, writeDockerConfig } from '../../src/local/stack/robots';
import { repositoryRoot } from '../../src/local/repository-root';
import { startStack, type Stack } from '../../src/local/stack/start-stack';
import type { StackState } from '../../src/local/stack/state';
import type { ToolName } from '../../src/local/toolchain/catalogue';
import type { Registry } from '../../src/ports/registry';

export const REVISION = 'abcdef123456';

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The whole product on real parts, spoken to through its CLI; only waiting asks the API itself. */
export interface E2eStack {
  readonly stack: Stack;
  readonly stateDir: string;
  /** `registry` is the gateway's address, `registryBackend` that of the registry behind it, for tests of drift. */
  readonly addresses: StackState;
  robot(name: LocalRobotName): RegistryCredentials;
  /** Through the gateway as this robot. */
  registryAs(name: LocalRobotName): Registry;
  /** A folder for DOCKER_CONFIG, by which stock tools are this robot. */
  dockerConfig(name: LocalRobotName): Promise<string>;
  plura(person: string, ...args: readonly string[]): Promise<CliRun>;
  /** Starts a release from a sample folder and returns its id at once. */
  promote(svc: string, source: string, version: string, ...more: string[]): Promise<string>;
  /** What the API has at a path, without the cost of a CLI; undefined while that can't be told. */
  ask(path: string): Promise<unknown>;
  release(id: string): Promise<ReleaseView>;
  /** The release as the API shows it, as `ask` does. */
  look(id: string): Promise<ReleaseView | undefined>;
  service(svc: string): Promise<ServiceView>;
  /** What `prod:stable` and the others hold, by name. */
  channels(svc: string): Promise<Readonly<Record<string, string | null>>>;
  waitForStage(id: string, stage: ReleaseStage): Promise<ReleaseView>;
  waitForEnd(id: string): Promise<ReleaseView>;
  stop(): Promise<void>;
}

interface Options {
  /** Text replacements in test/e2e/policy.yaml. */
  readonly policy?: readonly (readonly [string, string])[];
  /** Beside those of the stack, for instance crane. */
  readonly moreTools?: readonly ToolName[];
  /** Whether scans go by the database of the mirror, as on a stack for people; the folder of the seed costs less. */
  readonly mirrorsDatabase?: boolean;
  /** Puts files into the state folder before anything starts; returns settings for our own processes. */
  readonly prepare?: (stateDir: string) => Promise<Readonly<Record<string, string>>>;
}

const WAIT_MS = 240_000;
const POLL_MS = 100;

async function writePolicy(stateDir: string, changes: Options['policy'] = []): Promise<string> {
  let text = await readFile(path.join(repositoryRoot(), 'test/e2e/policy.yaml'), 'utf8');
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`the policy does not say "${from}"`);
    text = text.replace(from, to);
  }
  const file = path.join(stateDir, 'policy.yaml');
  await writeFile(file, text);
  return file;
}

/** Hundreds of processes of ours start in a suite: compiling takes a third of that. */
function compileCache(stateDir: string): Readonly<Record<string, string>> {
  return { NODE_COMPILE_CACHE: path.join(stateDir, 'compile-cache') };
}

/** `stateDir` is all that the CLI knows of a stack; the session is this person's file in it. */
export async function runCli(
  stateDir: string,
  person: string,
  args: readonly string[],
): Promise<CliRun> {
  const cli = path.join(repositoryRoot(), 'dist/src/main/cli.js');
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: repositoryRoot(),
    env: {
      PATH: process.env['PATH'],
      HOME: stateDir,
      PLURA_STATE_DIR: stateDir,
      PLURA_CONFIG: path.join(stateDir, `${person}.json`),
      ...compileCache(stateDir),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const code = await new Promise<number>((resolve) => {
    child.once('close', (exit) => {
      resolve(exit ?? 1);
    });
  });
  return {
    code,
    stdout: Buffer.concat(out).toString('utf8'),
    stderr: Buffer.concat(err).toString('utf8'),
  };
}

export async function poll<T>(what: string, check: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  while (Date.now() < deadline) {
    const found = await check();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`waited in vain for ${what}`);
}

export async function startE2eStack(options: Options = {}): Promise<E2eStack> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'plura-e2e-'));
  const stack = await startStack({
    stateDir,
    ports: 'free',
    environment: process.env,
    moreTools: options.moreTools ?? [],
    mirrorsDatabase: options.mirrorsDatabase ?? false,
    env: {
      PLURA_POLICY: await writePolicy(stateDir, options.policy),
      ...compileCache(stateDir),
      ...(await options.prepare?.(stateDir)),
    },
  });
  const loggedIn = new Map<string, Promise<CliRun>>();
  const addresses = await stack.addresses;

  async function logIn(person: string): Promise<void> {
    const login =
      loggedIn.get(person) ?? runCli(stateDir, person, ['login', '--local', '--as', person]);
    loggedIn.set(person, login);
    const { code, stderr } = await login;
    if (code === 0) return;
    loggedIn.delete(person);
    throw new Error(`login of ${person}: ${stderr}`);
  }

  const plura: E2eStack['plura'] = async (person, ...args) => {
    await logIn(person);
    return runCli(stateDir, person, args);
  };

  async function query(...args: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await plura('dave', ...args, '--json');
    if (code !== 0) throw new Error(`plura ${args.join(' ')}: exit ${code}: ${stderr}`);
    return JSON.parse(stdout) as unknown;
  }

  const release: E2eStack['release'] = async (id) =>
    ReleaseView.parse(await query('reg', 'status', id));
  const service: E2eStack['service'] = async (svc) =>
    ServiceView.parse(await query('reg', 'status', svc));

  /** Parts may be down while we look: only the answer counts. */
  const ask: E2eStack['ask'] = async (place) => {
    try {
      await logIn('dave');
      const session = await readSession(path.join(stateDir, 'dave.json'));
      const answer = await fetch(new URL(place, addresses.api), {
        headers: { authorization: `Bearer ${session?.token ?? ''}` },
        signal: AbortSignal.timeout(5_000),
      });
      return answer.ok ? await answer.json() : undefined;
    } catch {
      return undefined;
    }
  };

  const look: E2eStack['look'] = async (id) => {
    const { data } = ReleaseView.safeParse(await ask(releasePath(id)));
    return data;
  };

  return {
    stack,
    stateDir,
    addresses,
    robot: (name) => robotCredentials(stateDir, name),
    registryAs: (name) =>
      createOciRegistry({
        url: addresses.registry,
        credentials: robotCredentials(stateDir, name),
      }),
    dockerConfig: (name) => writeDockerConfig(stateDir, addresses.registry, name),
    plura,
    ask,
    release,
    look,
    service,
    channels: async (svc) =>
      Object.fromEntries(
        (await service(svc)).channels.map(({ channel, digest }) => [channel, digest]),
      ),
    promote: async (svc, source, version, ...more) => {
      const args = ['--source', source, '--version', version, '--revision', REVISION, '--json'];
      const { code, stderr } = await plura('alice', 'reg', 'promote', svc, ...args, ...more);
      if (code !== 0) throw new Error(`promote ${svc} ${version}: exit ${code}: ${stderr}`);
      return `${svc}/${version}_${REVISION}`;
    },
    waitForStage: (id, stage) =>
      poll(`${id} at ${stage}`, async () => {
        const status = await look(id);
        if (status?.outcome) throw new Error(`${id} ended as ${status.outcome}: ${status.reason}`);
        return status?.stage === stage ? status : undefined;
      }),
    waitForEnd: (id) =>
      poll(`the end of ${id}`, async () => {
        const status = await look(id);
        return status?.outcome ? status : undefined;
      }),
    stop: async () => {
      await stack.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
