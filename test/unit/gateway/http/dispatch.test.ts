import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { ReleaseError } from '../../../../src/contract/errors';
import type { Principal } from '../../../../src/domain/registry/principal';
import { eventQueueOf } from '../../../../src/gateway/activity/event-queue';
import type { GatewayDependencies } from '../../../../src/gateway/dependencies';
import type { Handler } from '../../../../src/gateway/exchange';
import { createDispatcher, type Handlers } from '../../../../src/gateway/http/dispatch';
import { createBaseHandler } from '../../../../src/gateway/http/health';
import { refused } from '../../../../src/gateway/http/refused';
import { createGatewayMetrics } from '../../../../src/gateway/metrics';
import { createGatewayServer, stopServer } from '../../../../src/gateway/server';
import { testPolicy } from '../../../support/builders';
import { createFakeInventory, type FakeInventory } from '../../../support/fakes/inventory';

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

let server: Server;
let port: number;
let lines: string[];
let principal: Principal;
let handlers: Partial<Record<string, Handler>>;
let metrics: ReturnType<typeof createGatewayMetrics>;
let isStopping: boolean;
let inventory: FakeInventory;

const PUSHER: Principal = {
  name: 'pusher',
  kind: 'robot',
  scopes: [{ repositories: '**', actions: ['pull', 'push', 'delete'] }],
};

beforeEach(async () => {
  lines = [];
  principal = PUSHER;
  handlers = {};
  isStopping = false;
  metrics = createGatewayMetrics();
  inventory = createFakeInventory();
  const output = new Writable({
    write: (line, _encoding, done) => {
      lines.push(String(line));
      done();
    },
  });
  const deps = {
    log: pino({ level: 'debug' }, output),
    metrics,
    policy: testPolicy().registry,
    inventory,
    now: () => new Date('2026-11-24T12:00:00Z'),
    cache: {
      current: () => ({
        robots: new Map(),
        blocks: new Map(),
        withheld: new Map(),
        mode: { pushes: 'open' },
      }),
      ageMs: () => 0,
    },
  } as unknown as GatewayDependencies;
  const onRequest = createDispatcher({
    deps,
    authenticator: { authenticate: () => Promise.resolve(principal) },
    handlers: { base: createBaseHandler(), ...handlersOf() } as unknown as Handlers,
    isStopping: () => isStopping,
  });
  server = createGatewayServer({ onRequest }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

afterEach(() => stopServer(server, 0));

/** Looked up at each request, so that a test can say what a route does. */
function handlersOf(): Record<string, Handler> {
  const kinds = ['manifest', 'blob', 'uploads', 'upload', 'tags', 'health', 'catalog'];
  return Object.fromEntries(
    kinds.map((kind) => [kind, (exchange) => handlers[kind]?.(exchange) ?? Promise.resolve()]),
  );
}

function send(
  method: string,
  path: string,
  body = '',
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const MANIFEST = '/v2/scratch/thing/manifests/1';

describe('dispatcher', () => {
  it('says which protocol this is, and which request, in every answer', async () => {
    const good = await send('GET', '/v2/');
    const bad = await send('GET', '/nothing');

    for (const { headers } of [good, bad]) {
      expect(headers['docker-distribution-api-version']).toBe('registry/2.0');
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect([good.status, bad.status]).toEqual([200, 404]);
  });

  it('makes an event of a push that policy refuses, before a handler saw it, and of nothing else', async () => {
    const upload = await send('POST', '/v2/channels/prod/checkout/blobs/uploads/');
    const manifest = await send('PUT', '/v2/elsewhere/x/manifests/v1');
    await send('GET', '/v2/elsewhere/x/manifests/v1');
    await send('PUT', '/v2/Bad//manifests/v1');
    await eventQueueOf({ inventory, log: pino({ level: 'silent' }) }).drain();

    expect([upload.status, manifest.status]).toEqual([403, 403]);
    const about = inventory.events.map(({ repository, reference, actor, detail }) => [
      ...[repository, reference, actor, detail['rule']],
    ]);
    expect(about.reverse()).toEqual([
      ['channels/prod/checkout', '', 'pusher', 'channels-by-system-only'],
      ['elsewhere/x', 'v1', 'pusher', 'unknown-namespace'],
    ]);
  });

  it("answers a refusal in the spec's form, with rule, remedy and headers", async () => {
    handlers['manifest'] = () =>
      Promise.reject(
        refused(
          {
            code: 'DENIED',
            status: 409,
            rule: 'r',
            message: 'no',
            remedy: 'do',
            detail: { digest: 'd' },
          },
          { 'x-more': '1' },
        ),
      );

    const answer = await send('PUT', MANIFEST, '{}');

    expect(answer.status).toBe(409);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'x-more': '1' });
    expect(JSON.parse(answer.text)).toEqual({
      errors: [{ code: 'DENIED', message: 'no', detail: { rule: 'r', remedy: 'do', digest: 'd' } }],
    });
  });

  it('answers HEAD without a body, refusals too', async () => {
    const good = await send('HEAD', '/v2/');
    const bad = await send('HEAD', '/v2/UPPER/manifests/1');

    expect([good.status, good.text, good.headers['content-length']]).toEqual([200, '', '2']);
    expect([bad.status, bad.text]).toEqual([400, '']);
  });

  it('refuses a method that a path does not have, before anything else', async () => {
    principal = { name: '', kind: 'anonymous', scopes: [] };

    const answer = await send('PATCH', MANIFEST);

    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, PUT, DELETE']);
    expect(answer.text).toContain('"UNSUPPORTED"');
  });

  it.each([
    ['GET', MANIFEST, 'pull'],
    ['HEAD', MANIFEST, 'pull'],
    ['PUT', MANIFEST, 'push'],
    ['DELETE', MANIFEST, 'delete'],
    ['POST', '/v2/scratch/thing/blobs/uploads/', 'push'],
    ['GET', '/v2/scratch/thing/blobs/uploads/1', 'push'],
    ['DELETE', '/v2/scratch/thing/blobs/uploads/1', 'push'],
    ['GET', '/v2/scratch/thing/tags/list', 'pull'],
  ] as const)('lets %s %s pass with the right to %s alone', async (method, path, action) => {
    const answered: Handler = ({ response }) => {
      response.end();
      return Promise.resolve();
    };
    handlers = { manifest: answered, uploads: answered, upload: answered, tags: answered };
    const others = (['pull', 'push', 'delete'] as const).filter((one) => one !== action);

    principal = { ...PUSHER, scopes: [{ repositories: 'scratch/thing', actions: [action] }] };
    const allowed = await send(method, path);
    principal = { ...PUSHER, scopes: [{ repositories: 'scratch/thing', actions: others }] };
    const denied = await send(method, path);
    principal = { ...PUSHER, scopes: [{ repositories: 'scratch/thin', actions: [action] }] };
    const elsewhere = await send(method, path);
    principal = { name: '', kind: 'anonymous', scopes: [] };
    const unknown = await send(method, path);

    expect([allowed, denied, elsewhere, unknown].map(({ status }) => status)).toEqual([
      200, 403, 403, 401,
    ]);
    expect(unknown.headers['www-authenticate']).toMatch(/^Bearer realm=/);
  });

  it('asks who is there at the base', async () => {
    principal = { name: '', kind: 'anonymous', scopes: [] };

    expect((await send('GET', '/v2/')).status).toBe(401);
  });

  it('tells nobody what went wrong inside', async () => {
    handlers['manifest'] = () => Promise.reject(new TypeError('x of undefined at secret-host'));

    const answer = await send('GET', MANIFEST);

    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret-host');
    expect(answer.text).toContain(String(answer.headers['x-request-id']));
    expect(lines.join('')).toContain('secret-host');
  });

  it('says 503 and when to try again while Postgres is away', async () => {
    handlers['manifest'] = () => Promise.reject(new ReleaseError('LEDGER_UNAVAILABLE', 'gone'));

    const answer = await send('PUT', MANIFEST, '{}');

    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(answer.text).toContain('"UNAVAILABLE"');
  });

  it('answers even when a handler forgets to', async () => {
    handlers['manifest'] = () => Promise.resolve();

    expect((await send('GET', MANIFEST)).status).toBe(500);
  });

  it('breaks the connection off when an answer fails half way', async () => {
    handlers['blob'] = ({ response }) => {
      response.writeHead(200, { 'content-length': 10 }).write('half');
      return Promise.reject(new Error('broke'));
    };

    await expect(send('GET', `/v2/scratch/thing/blobs/sha256:${'a'.repeat(64)}`)).rejects.toThrow();
  });

  it('asks for a body only after it knows that it is wanted', async () => {
    const continued = jest.fn();
    const put = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const headers = { expect: '100-continue', 'content-length': '4' };
        const sent = httpRequest({
          host: '127.0.0.1',
          port,
          method: 'PUT',
          path: MANIFEST,
          headers,
        });
        sent.on('continue', () => {
          continued();
          sent.end('abcd');
        });
        sent.on('response', (response) => {
          resolve(response.resume().statusCode ?? 0);
          sent.destroy();
        });
        sent.on('error', reject);
        sent.flushHeaders();
      });
    handlers['manifest'] = async ({ request, response }) => {
      await once(request.resume(), 'end');
      response.writeHead(201).end();
    };

    expect(await put()).toBe(201);
    expect(continued).toHaveBeenCalledTimes(1);
    principal = { ...PUSHER, scopes: [] };
    expect(await put()).toBe(403);
    expect(continued).toHaveBeenCalledTimes(1);
  });

  it('aborts what runs for a client that has gone', async () => {
    const aborted = new Promise<boolean>((resolve) => {
      handlers['manifest'] = ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            resolve(true);
            reject(new Error('gone'));
          });
        });
    });
    const sent = httpRequest({ host: '127.0.0.1', port, path: MANIFEST });
    sent.on('error', () => undefined).end();
    await once(server, 'request');

    sent.destroy();

    expect(await aborted).toBe(true);
  });

  it('does not abort anything after a whole answer', async () => {
    let life: AbortSignal | undefined;
    handlers['manifest'] = ({ signal, response }) => {
      life = signal;
      response.end('{}');
      return Promise.resolve();
    };

    await send('GET', MANIFEST);

    expect(life?.aborted).toBe(false);
  });

  it('refuses a large body without reading all of it', async () => {
    principal = { ...PUSHER, scopes: [] };
    const answered = new Promise<number>((resolve) => {
      const headers = { 'content-length': String(1024 ** 3) };
      const sent = httpRequest({ host: '127.0.0.1', port, method: 'PUT', path: MANIFEST, headers });
      const block = Buffer.alloc(256 * 1024);
      const more = (): void => {
        while (!sent.destroyed && sent.write(block));
      };
      sent.on('drain', more);
      sent.on('error', () => undefined);
      sent.on('response', (response) => {
        resolve(response.statusCode ?? 0);
      });
      more();
    });
    const [{ socket }] = (await once(server, 'request')) as [IncomingMessage];

    await once(socket, 'close');

    expect(await answered).toBe(403);
    expect(socket.bytesRead).toBeLessThan(64 * 1024 ** 2);
  });

  it('writes one line a request, without query and headers', async () => {
    handlers['tags'] = ({ response }) => {
      response.end('{}');
      return Promise.resolve();
    };

    await send('GET', '/v2/scratch/thing/tags/list?n=5&last=hidden', '', {
      authorization: 'Basic c2VjcmV0',
    });
    await send('GET', '/v2/');

    const [line = ''] = lines.filter((one) => one.includes('"route":"tags"'));
    expect(JSON.parse(line)).toMatchObject({
      method: 'GET',
      repository: 'scratch/thing',
      actor: 'pusher',
      status: 200,
      whole: true,
    });
    expect(lines.join('')).not.toMatch(/hidden|c2VjcmV0/);
  });

  it('counts requests, bytes and refused pushes by rule', async () => {
    handlers['manifest'] = () =>
      Promise.reject(refused({ code: 'TAG_INVALID', rule: 'no-latest', message: '', remedy: '' }));
    await send('PUT', MANIFEST, '{}');
    await send('GET', MANIFEST);
    await send('GET', '/v2/');

    const text = await metrics.registry.metrics();

    expect(text).toContain('plura_gateway_refused_pushes_total{rule="no-latest"} 1');
    expect(text).toContain(
      'plura_gateway_requests_total{route="manifest",method="PUT",status="400"} 1',
    );
    expect(text).toMatch(/plura_gateway_bytes_total\{direction="out"\} [1-9]/);
  });

  it('sends clients elsewhere while it stops', async () => {
    isStopping = true;

    expect((await send('GET', '/v2/')).headers.connection).toBe('close');
  });
});
