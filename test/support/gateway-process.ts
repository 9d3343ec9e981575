import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import {
  createRobotSecret,
  hashRobotSecret,
  TOKEN_SERVICE,
} from '../../src/contract/schema/registry-token';
import { parseDigest } from '../../src/domain/digest';
import type { RepositoryScope, RobotKind } from '../../src/domain/registry/principal';
import { seedKeys } from '../../src/local/seed/keys';
import { repositoryRoot } from '../../src/local/repository-root';
import { captureOutput, freePort, stopProcess, waitForHttp } from './registry-server';

export interface GatewayRobot {
  readonly username: string;
  readonly password: string;
  /** Value of the Authorization header. */
  readonly basic: string;
  /** Value of the Authorization header with a token for `scope`, as the token endpoint gives it. */
  token(scope: string): Promise<string>;
}

/** The gateway as shipped, in a process of its own. */
export interface GatewayProcess {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Ready when the gateway knows it. */
  createRobot(robot: {
    readonly scopes: readonly RepositoryScope[];
    readonly kind?: RobotKind;
    readonly name?: string;
  }): Promise<GatewayRobot>;
  quarantine(digest: string, cves: readonly string[]): Promise<void>;
  hasEnded(): boolean;
  stop(): Promise<void>;
}

export interface GatewayProcessInput {
  readonly backendUrl: string;
  /** Where the registry keeps its blobs; absent: the gateway asks it for them. */
  readonly storageDir?: string;
  readonly database: string;
  /** Prefixes that the policy opens. */
  readonly open?: readonly string[];
  /** `registry.withoutDatabase.maxAge` of the policy. */
  readonly maxAge?: string;
  /** As `npm run build` left it, for what is measured; else from source, through the hook that tests use. */
  readonly compiled?: boolean;
}

async function writePolicy(folder: string, input: GatewayProcessInput): Promise<string> {
  let text = await readFile(join(repositoryRoot(), 'deploy/policy/default.yaml'), 'utf8');
  const replace = (from: string, to: string): void => {
    if (!text.includes(from)) throw new Error(`the policy does not say "${from}"`);
    text = text.replace(from, to);
  };
  if (input.open) replace('open: []', `open: [${input.open.join(', ')}]`);
  if (input.maxAge !== undefined) replace('maxAge: 5m', `maxAge: ${input.maxAge}`);
  const file = join(folder, 'policy.yaml');
  await writeFile(file, text);
  return file;
}

function programArguments({ compiled = false }: GatewayProcessInput): readonly string[] {
  const root = repositoryRoot();
  return compiled
    ? [join(root, 'dist/src/main/gateway.js')]
    : ['--require', join(__dirname, 'typescript-hook.cjs'), join(root, 'src/main/gateway.ts')];
}

export async function startGatewayProcess(input: GatewayProcessInput): Promise<GatewayProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-gateway-'));
  const { keysDir } = await seedKeys(folder);
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const url = `http://${host}`;
  const child = spawn(process.execPath, programArguments(input), {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      PLURA_DATABASE_URL: input.database,
      PLURA_KEYS_DIR: keysDir,
      PLURA_POLICY: await writePolicy(folder, input),
      PLURA_PORT: String(port),
      PLURA_BACKEND_URL: input.backendUrl,
      ...(input.storageDir !== undefined && { PLURA_BACKEND_STORAGE_DIR: input.storageDir }),
      PLURA_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = captureOutput(child);
  const stores = createPostgresRegistryStores({ connectionString: input.database });
  const stop = async (): Promise<void> => {
    await stopProcess(child);
    await stores.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitForHttp(`${url}/v2/`, child, log);
  } catch (error) {
    await stop();
    throw error;
  }

  async function waitUntilKnown(basic: string): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      const { status } = await fetch(`${url}/v2/`, { headers: { authorization: basic } });
      if (status === 200) return;
      await sleep(50);
    }
    throw new Error(`the gateway does not know the robot: ${log()}`);
  }

  const createRobot: GatewayProcess['createRobot'] = async ({ scopes, kind = 'robot', name }) => {
    const username = name ?? `robot-${randomUUID().slice(0, 8)}`;
    const password = createRobotSecret();
    const createdAt = new Date().toISOString();
    const about = { description: 'a test', createdBy: 'test', createdAt, expiresAt: null };
    await stores.robots.create(
      { name: username, kind, scopes, ...about },
      hashRobotSecret(password),
    );
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    await waitUntilKnown(basic);
    const token = async (scope: string): Promise<string> => {
      const query = new URLSearchParams({ service: TOKEN_SERVICE, scope });
      const answer = await fetch(`${url}/token?${query.toString()}`, {
        headers: { authorization: basic },
      });
      const body = (await answer.json()) as { readonly token?: string };
      if (body.token === undefined) throw new Error(`no token: ${answer.status}`);
      return `Bearer ${body.token}`;
    };
    return { username, password, basic, token };
  };

  return {
    url,
    host,
    port,
    pid: child.pid ?? 0,
    createRobot,
    quarantine: async (digest, cves) => {
      const at = new Date().toISOString();
      const open = { graceUntil: null, expiresAt: null };
      const entry = { digest: parseDigest(digest), reason: 'a test', cves, actor: 'test', at };
      await stores.quarantine.add({ ...entry, ...open });
    },
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    stop,
  };
}
