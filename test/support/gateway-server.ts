import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createRobotSecret, hashRobotSecret } from '../../src/contract/schema/registry-token';
import type { RegistryPolicy } from '../../src/domain/policy';
import type { RepositoryScope, RobotKind } from '../../src/domain/registry/principal';
import type { Lapse } from '../../src/domain/registry/lapse';
import type { Block } from '../../src/domain/registry/quarantine';
import { createGateway } from '../../src/gateway/app';
import { createBackend } from '../../src/gateway/backend/undici-backend';
import type { GatewayDependencies } from '../../src/gateway/dependencies';
import { createGatewayMetrics } from '../../src/gateway/metrics';
import { createStateCache } from '../../src/gateway/state/state-cache';
import { openBlobStorage } from '../../src/gateway/storage/blob-storage';
import type { GatewaySnapshot, GatewayState, RegistryMode } from '../../src/ports/gateway-state';
import type { Inventory } from '../../src/ports/inventory';
import type { RobotWithSecrets } from '../../src/ports/robots';
import { testPolicy } from './builders';
import { createFakeAllowList } from './fakes/allow-list';
import { createFakeInventory } from './fakes/inventory';
import { createFakeLeases } from './fakes/leases';
import { createFakeUploadLeases } from './fakes/upload-leases';

export interface TestRobot {
  readonly name: string;
  readonly kind?: RobotKind;
  readonly scopes: readonly RepositoryScope[];
}

export interface GatewayServerOptions {
  readonly backendUrl: string;
  /** Where the registry keeps its blobs; absent: the gateway asks it for them. */
  readonly storageDir?: string;
  /** Default: one robot `pusher` that may do everything. */
  readonly robots?: readonly TestRobot[];
  readonly blocks?: readonly Block[];
  readonly lapses?: readonly Lapse[];
  /** The clock by which exceptions end. */
  readonly now?: () => Date;
  readonly policy?: Partial<RegistryPolicy>;
  readonly inventory?: Inventory;
  /** In place of the one in memory, e.g. the Postgres adapter: `robots` and `blocks` are not used then. */
  readonly state?: GatewayState;
  /** Last word on every dependency. */
  readonly deps?: Partial<GatewayDependencies>;
}

export interface GatewayServer {
  readonly url: string;
  /** `host:port`. */
  readonly host: string;
  readonly port: number;
  readonly deps: GatewayDependencies;
  /** Value of the Authorization header of a robot in `robots`. */
  basic(name: string): string;
  /** The secret of a robot in `robots`. */
  secret(name: string): string;
  setBlocks(blocks: readonly Block[]): Promise<void>;
  setMode(mode: Partial<RegistryMode>): Promise<void>;
  close(): Promise<void>;
}

const EVERYTHING: RepositoryScope = { repositories: '**', actions: ['pull', 'push', 'delete'] };
const PUSHER: TestRobot = { name: 'pusher', scopes: [EVERYTHING] };
const SINCE = '2026-11-24T00:00:00.000Z';

function withSecret({ name, kind = 'robot', scopes }: TestRobot, secret: string): RobotWithSecrets {
  return {
    name,
    kind,
    scopes,
    description: '',
    createdBy: 'test',
    createdAt: SINCE,
    expiresAt: null,
    disabledAt: null,
    rotatedAt: null,
    lastUsedAt: null,
    secrets: [{ hash: hashRobotSecret(secret), validUntil: null }],
  };
}

interface MemoryState extends GatewayState {
  change(part: Partial<GatewaySnapshot>): void;
}

function memoryState(initial: GatewaySnapshot): MemoryState {
  let snapshot = initial;
  const listeners = new Set<() => void>();
  const change = (part: Partial<GatewaySnapshot>): void => {
    snapshot = { ...snapshot, ...part };
    listeners.forEach((listener) => {
      listener();
    });
  };
  return {
    change,
    read: () => Promise.resolve(snapshot),
    readBlocks: () => Promise.resolve(snapshot.blocks),
    setMode: (mode) => {
      change({ mode });
      return Promise.resolve();
    },
    replaceMode: (held, mode) => {
      const { by, since } = snapshot.mode;
      if (by !== held.by || since !== held.since) return Promise.resolve(false);
      change({ mode });
      return Promise.resolve(true);
    },
    watch: (onChange, signal) => {
      listeners.add(onChange);
      signal.addEventListener('abort', () => listeners.delete(onChange));
    },
  };
}

/** The gateway in this process, on a free port, in front of `backendUrl`; ports are in memory unless others are given. */
export async function startGateway(options: GatewayServerOptions): Promise<GatewayServer> {
  const secrets = new Map(
    (options.robots ?? [PUSHER]).map(({ name }) => [name, createRobotSecret()]),
  );
  const robots = (options.robots ?? [PUSHER]).map((robot) =>
    withSecret(robot, secrets.get(robot.name) ?? ''),
  );
  const mode: RegistryMode = { pushes: 'open', reason: '', by: 'test', since: SINCE, until: null };
  const memory = memoryState({
    ...{ robots, mode },
    blocks: options.blocks ?? [],
    lapses: options.lapses ?? [],
  });
  const state = options.state ?? memory;
  const { registry, build } = testPolicy();
  const policy = { ...registry, ...options.policy };
  const log = pino({ level: 'silent' });
  const now = options.now ?? ((): Date => new Date());
  const cache = createStateCache({ state, policy, log, now });
  await cache.refresh();
  const backend = createBackend({ url: options.backendUrl });
  const { storageDir } = options;
  const deps: GatewayDependencies = {
    backend,
    ...(storageDir !== undefined && { storage: await openBlobStorage(storageDir) }),
    inventory: options.inventory ?? createFakeInventory(),
    leases: createFakeLeases(),
    uploads: createFakeUploadLeases(),
    holds: createFakeAllowList(),
    state,
    robots: { recordUse: () => Promise.resolve() },
    cache,
    policy,
    requiredLabels: build.requiredLabels,
    metrics: createGatewayMetrics(),
    log,
    now,
    tokenKey: randomBytes(32),
    ...options.deps,
  };
  const gateway = createGateway(deps);
  gateway.server.listen(0, '127.0.0.1');
  await once(gateway.server, 'listening');
  const { port } = gateway.server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const secretOf = (name: string): string => {
    const secret = secrets.get(name);
    if (secret === undefined) throw new Error(`there is no robot ${name}`);
    return secret;
  };
  return {
    url: `http://${host}`,
    host,
    port,
    deps,
    secret: secretOf,
    basic: (name) => `Basic ${Buffer.from(`${name}:${secretOf(name)}`).toString('base64')}`,
    setBlocks: async (blocks) => {
      memory.change({ blocks });
      await cache.refresh();
    },
    setMode: async (change) => {
      await state.setMode({ ...mode, ...change });
      await cache.refresh();
    },
    close: async () => {
      await gateway.close(1_000);
      await cache.close();
      await backend.close();
    },
  };
}
