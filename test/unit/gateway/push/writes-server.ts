import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { Digest } from '../../../../src/domain/digest';
import type { RegistryPolicy } from '../../../../src/domain/policy';
import type { Principal } from '../../../../src/domain/registry/principal';
import type { Block } from '../../../../src/domain/registry/quarantine';
import { eventQueueOf } from '../../../../src/gateway/activity/event-queue';
import type { Exchange, Handler, RouteOf } from '../../../../src/gateway/exchange';
import { answerError } from '../../../../src/gateway/http/answer';
import { parseTarget } from '../../../../src/gateway/http/route';
import { createDeleteManifestHandler } from '../../../../src/gateway/manifests/delete/delete-manifest';
import { createPutManifestHandler } from '../../../../src/gateway/manifests/push/put-manifest';
import { reportRefusedPush } from '../../../../src/gateway/manifests/push/refused-push';
import { createGatewayMetrics } from '../../../../src/gateway/metrics';
import { createNotificationsHandler } from '../../../../src/gateway/notifications/take-notifications';
import { createReferrersHandler } from '../../../../src/gateway/referrers/list-referrers';
import type { RegistryMode } from '../../../../src/ports/gateway-state';
import type { RegistryEvent } from '../../../../src/ports/inventory';
import { createFakeAllowList, type FakeAllowList } from '../../../support/fakes/allow-list';
import { createFakeInventory, type FakeInventory } from '../../../support/fakes/inventory';
import { createFakeLeases, type FakeLeases } from '../../../support/fakes/leases';
import { LABELS } from '../../../support/fuzz/artifact';
import { createMemoryBackend, type MemoryBackend } from './memory-backend';

export const NOW = '2026-11-24T12:00:00.000Z';
export const NOTIFICATION_SECRET = 'the-secret-of-the-registry';

export const ROBOT: Principal = { name: 'builder', kind: 'robot', scopes: [] };
export const SYSTEM: Principal = { name: 'system', kind: 'system', scopes: [] };
export const CUSTODIAN: Principal = { name: 'custodian', kind: 'custodian', scopes: [] };

const POLICY: RegistryPolicy = {
  open: ['scratch'],
  anonymousPull: [],
  quarantine: { spreadToParents: true, spreadToChildren: true, runningGraceMs: 0 },
  withoutDatabase: { pulls: 'serve', maxAgeMs: 300_000 },
};
const OPEN: RegistryMode = { pushes: 'open', reason: '', by: '', since: NOW, until: null };

export interface OciError {
  readonly code: string;
  readonly message: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface WriteAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The one error of a refusal. */
  readonly error: OciError | undefined;
}

/** Handlers of writes and referrers over a registry and an inventory in memory, behind a real HTTP server. */
export interface WritesServer {
  readonly backend: MemoryBackend;
  readonly inventory: FakeInventory;
  readonly leases: FakeLeases;
  readonly holds: FakeAllowList;
  principal: Principal;
  /** RFC 3339; default NOW. */
  now: string;
  mode: RegistryMode;
  requiredLabels: readonly string[];
  block(...blocks: readonly Block[]): void;
  put(path: string, bytes: Buffer, contentType: string | null): Promise<WriteAnswer>;
  call(path: string, init?: RequestInit): Promise<WriteAnswer>;
  claims(): Promise<Readonly<Record<string, number>>>;
  /** Of refused pushes and the like, written down. */
  events(kind: RegistryEvent['kind']): Promise<readonly RegistryEvent[]>;
  close(): Promise<void>;
}

async function readAnswer(response: Response): Promise<WriteAnswer> {
  const text = await response.text();
  const { status, headers } = response;
  const isError = status >= 400 && text.startsWith('{');
  const error = isError ? (JSON.parse(text) as { errors: OciError[] }).errors[0] : undefined;
  return { status, headers, text, error };
}

export async function startWritesServer(): Promise<WritesServer> {
  const backend = createMemoryBackend();
  const inventory = createFakeInventory();
  const leases = createFakeLeases();
  const holds = createFakeAllowList();
  const metrics = createGatewayMetrics();
  const log = pino({ level: 'silent' });
  let blocks = new Map<Digest, Block>();
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const call = async (path: string, init?: RequestInit): Promise<WriteAnswer> =>
    readAnswer(await fetch(`${url}${path}`, init));
  const server: WritesServer = {
    backend,
    inventory,
    leases,
    holds,
    principal: ROBOT,
    now: NOW,
    mode: OPEN,
    requiredLabels: Object.keys(LABELS),
    block: (...all) => {
      blocks = new Map(all.map((one) => [one.digest, one]));
    },
    call,
    put: (path, bytes, contentType) =>
      call(path, {
        method: 'PUT',
        headers: contentType === null ? {} : { 'content-type': contentType },
        body: new Uint8Array(bytes),
      }),
    claims: async () => {
      const { values } = await metrics.claims.get();
      return Object.fromEntries(values.map(({ labels, value }) => [String(labels.outcome), value]));
    },
    events: async (kind) => {
      await eventQueueOf({ inventory, log }).drain();
      return inventory.events.filter((event) => event.kind === kind);
    },
    close: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  const deps = {
    backend,
    inventory,
    leases,
    holds,
    metrics,
    log,
    policy: POLICY,
    now: () => new Date(server.now),
    notificationSecret: NOTIFICATION_SECRET,
    patienceMs: [20, 80, 100],
    get requiredLabels() {
      return server.requiredLabels;
    },
    cache: {
      current: () => ({
        robots: new Map<never, never>(),
        blocks,
        withheld: blocks,
        mode: server.mode,
      }),
      ageMs: () => 0,
      refresh: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
  };
  const put = createPutManifestHandler(deps);
  const remove = createDeleteManifestHandler(deps);
  const handlers: Readonly<Record<string, Handler>> = {
    manifest: ((exchange: Exchange<RouteOf<'manifest'>>) =>
      exchange.request.method === 'DELETE' ? remove(exchange) : put(exchange)) as Handler,
    referrers: createReferrersHandler(deps) as Handler,
    notifications: createNotificationsHandler(deps) as Handler,
  };
  let requests = 0;
  http.on('request', (request, response) => {
    const handle = async (): Promise<void> => {
      const { route, query } = parseTarget(request.url ?? '');
      const { principal } = server;
      const signal = new AbortController().signal;
      requests += 1;
      const requestId = `request-${requests}`;
      await handlers[route.kind]!({
        route,
        query,
        request,
        response,
        principal,
        signal,
        requestId,
      });
    };
    handle().catch((error: unknown) => {
      const said = answerError({ request, response }, error, 'test', log);
      // As the dispatcher does it.
      const route = parseTarget(request.url ?? '').route;
      reportRefusedPush(deps, { route, actor: server.principal.name, refused: said }, 'test');
    });
  });
  return server;
}
