import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import type { Digest } from '../../../src/domain/digest';
import type { RegistryPolicy } from '../../../src/domain/policy';
import type { Principal } from '../../../src/domain/registry/principal';
import type { Block } from '../../../src/domain/registry/quarantine';
import type { Backend, BackendRequest } from '../../../src/gateway/backend/backend';
import type { Exchange, Handler } from '../../../src/gateway/exchange';
import { answerError } from '../../../src/gateway/http/answer';
import { parseTarget } from '../../../src/gateway/http/route';
import { createCatalogHandler } from '../../../src/gateway/listing/list-repositories';
import { createTagsHandler } from '../../../src/gateway/listing/list-tags';
import {
  createGetManifestHandler,
  type PullDependencies,
} from '../../../src/gateway/manifests/pull/get-manifest';
import { createGatewayMetrics, type GatewayMetrics } from '../../../src/gateway/metrics';
import type { RegistryMode } from '../../../src/ports/gateway-state';
import type { Activity, Inventory, RegistryEvent } from '../../../src/ports/inventory';

export const NOW = '2026-11-24T12:00:00.000Z';
export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
export const IMAGE_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const REPO = 'apps/checkout/checkout';

export const ROBOT: Principal = {
  name: 'runtime',
  kind: 'robot',
  scopes: [{ repositories: '**', actions: ['pull'] }],
};

const POLICY: RegistryPolicy = {
  open: [],
  anonymousPull: [],
  quarantine: { spreadToParents: true, spreadToChildren: true, runningGraceMs: 0 },
  withoutDatabase: { pulls: 'serve', maxAgeMs: 300_000 },
};

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

export function digestOf(text: string): Digest {
  return `sha256:${hash('sha256', text, 'hex')}`;
}

export function imageText(name: string): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: IMAGE_TYPE, annotations: { name } });
}

export function indexText(children: readonly Digest[]): string {
  const manifests = children.map((digest) => ({ mediaType: IMAGE_TYPE, digest, size: 2 }));
  return JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests });
}

export function blockOf(digest: Digest, over: Partial<Block> = {}): Block {
  return {
    digest,
    cause: digest,
    reason: 'remote code execution',
    cves: ['CVE-2026-1234'],
    by: 'erin',
    at: NOW,
    graceUntil: null,
    expiresAt: null,
    ...over,
  };
}

/** Handlers of reads over a scripted registry, behind a real HTTP server. */
export interface ReadsServer {
  readonly url: string;
  /** Each request that the registry saw, `METHOD path`. */
  readonly asked: string[];
  readonly events: RegistryEvent[];
  readonly activity: Activity[];
  readonly metrics: GatewayMetrics;
  readonly warnings: string[];
  principal: Principal;
  policy: RegistryPolicy;
  ageMs: number;
  inventory: Pick<Inventory, 'tagsOf' | 'recordEvent'>;
  /** Called while the registry answers. */
  whileAsked: () => void;
  push(text: string, options?: { readonly tag?: string; readonly type?: string }): Digest;
  answer(request: string, answer: Answer): void;
  block(...blocks: readonly Block[]): void;
  get(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

function createScript(server: Pick<ReadsServer, 'asked' | 'whileAsked'>): {
  readonly backend: Backend;
  readonly answers: Map<string, Answer>;
} {
  const answers = new Map<string, Answer>();
  const find = ({ method, path }: BackendRequest): Required<Answer> => {
    server.asked.push(`${method} ${path}`);
    server.whileAsked();
    const { status, headers = {}, body = '' } = answers.get(`${method} ${path}`) ?? { status: 404 };
    return { status, headers, body };
  };
  const backend: Backend = {
    send: (request) => {
      const { body, ...head } = find(request);
      return Promise.resolve({ ...head, body: Readable.from([Buffer.from(body)]) });
    },
    fetch: (request) => {
      const { body, ...head } = find(request);
      return Promise.resolve({ ...head, body: Buffer.from(body) });
    },
    ownPath: (url) => (url.startsWith('/') ? url : null),
    close: () => Promise.resolve(),
  };
  return { backend, answers };
}

export async function startReadsServer(): Promise<ReadsServer> {
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => warnings.push(line) });
  let blocks = new Map<Digest, Block>();
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const server: ReadsServer = {
    url,
    asked: [],
    events: [],
    activity: [],
    metrics: createGatewayMetrics(),
    warnings,
    principal: ROBOT,
    policy: POLICY,
    ageMs: 0,
    inventory: {
      tagsOf: () => Promise.resolve([]),
      recordEvent: (event) => Promise.resolve(void server.events.push(event)),
    },
    whileAsked: () => undefined,
    push: (text, { tag, type = IMAGE_TYPE } = {}) => {
      const digest = digestOf(text);
      const headers = {
        'content-type': type,
        'content-length': `${Buffer.byteLength(text)}`,
        'docker-content-digest': digest,
        etag: `"${digest}"`,
      };
      for (const reference of tag === undefined ? [digest] : [digest, tag]) {
        const path = `/v2/${REPO}/manifests/${reference}`;
        script.answers.set(`GET ${path}`, { status: 200, headers, body: text });
        script.answers.set(`HEAD ${path}`, { status: 200, headers });
      }
      return digest;
    },
    answer: (request, answer) => script.answers.set(request, answer),
    block: (...all) => {
      blocks = new Map(all.map((one) => [one.digest, one]));
    },
    get: (path, init) => fetch(`${url}${path}`, init),
    close: async () => {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
  const script = createScript(server);
  const mode: RegistryMode = { pushes: 'open', reason: '', by: '', since: NOW, until: null };
  const deps: PullDependencies = {
    backend: script.backend,
    cache: {
      current: () => ({ robots: new Map(), blocks, withheld: blocks, mode }),
      ageMs: () => server.ageMs,
      refresh: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    inventory: {
      recordEvent: (event: RegistryEvent) => server.inventory.recordEvent(event),
      tagsOf: (repository: string, digests: readonly Digest[]) =>
        server.inventory.tagsOf(repository, digests),
    } as Inventory,
    activity: {
      record: (read: Activity) => server.activity.push(read),
      close: () => Promise.resolve(),
    },
    toldPushers: { blob: () => Promise.resolve(), manifest: () => Promise.resolve(true) },
    get policy() {
      return server.policy;
    },
    metrics: server.metrics,
    log,
    now: () => new Date(NOW),
  };
  const handlers: Record<string, Handler> = {
    manifest: createGetManifestHandler(deps) as Handler,
    tags: createTagsHandler(deps) as Handler,
    catalog: createCatalogHandler(deps) as Handler,
  };
  http.on('request', (request, response) => {
    const { route, query } = parseTarget(request.url ?? '');
    const exchange: Exchange = {
      route: route,
      query,
      request,
      response,
      principal: server.principal,
      signal: new AbortController().signal,
      requestId: 'test',
    };
    void handlers[route.kind]!(exchange).catch((error: unknown) => {
      answerError({ request, response }, error, 'test', log);
    });
  });
  return server;
}
