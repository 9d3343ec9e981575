import { fakeDigest } from '../../../support/api-fixtures';
import {
  startGateway,
  type GatewayServer,
  type GatewayServerOptions,
} from '../../../support/gateway-server';
import { createFakeInventory, type FakeInventory } from '../../../support/fakes/inventory';
import { startHttpScript, type Handler, type HttpScript } from '../../../support/http-script';

const REPOSITORY = 'apps/checkout/api';
const UPLOADS = `/v2/${REPOSITORY}/blobs/uploads/`;
const DIGEST = fakeDigest('blob');
const BLOB = `/v2/${REPOSITORY}/blobs/${DIGEST}`;
const SIZE = 1234;

let script: Handler;
let registry: HttpScript;
let gateway: GatewayServer;

/** A registry that begins and ends uploads as distribution does. */
const wellBehaved: Handler = ({ method, path }, response) => {
  const location = `${registry.url}${UPLOADS}0a1b?_state=s%3D`;
  if (method === 'HEAD') response.writeHead(200, { 'content-length': SIZE }).end();
  else if (method === 'POST' && path.includes('mount='))
    response.writeHead(201, { location: BLOB }).end();
  else if (method === 'PUT') response.writeHead(201, { location: BLOB }).end();
  else if (method === 'DELETE') response.writeHead(204).end();
  else response.writeHead(method === 'GET' ? 204 : 202, { location, range: '0-0' }).end();
};

beforeEach(async () => {
  script = wellBehaved;
  registry = await startHttpScript((request, response) => {
    script(request, response);
  });
});

afterEach(async () => {
  await gateway.close();
  await registry.stop();
});

async function start(options: Omit<GatewayServerOptions, 'backendUrl'> = {}): Promise<void> {
  gateway = await startGateway({ backendUrl: registry.url, ...options });
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: { readonly errors?: readonly { code: string; detail: { rule: string } }[] } | null;
}

async function send(
  method: string,
  path: string,
  init: RequestInit & { as?: string } = {},
): Promise<Answer> {
  const response = await fetch(gateway.url + path, {
    method,
    ...init,
    headers: { authorization: gateway.basic(init.as ?? 'pusher'), ...(init.headers as object) },
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: text === '' ? null : (JSON.parse(text) as Answer['json']),
  };
}

function ruleOf({ json }: Answer): string | undefined {
  return json?.errors?.[0]?.detail.rule;
}

function recordedBlobs({ calls }: FakeInventory): (readonly unknown[])[] {
  return calls.filter(({ method }) => method === 'recordBlob').map(({ args }) => args);
}

function sentToRegistry(): string[] {
  return registry.seen.map(({ method, path }) => `${method} ${path}`);
}

describe('begin of an upload', () => {
  it('leads on through the gateway, with the query that the registry gave', async () => {
    await start();

    const answer = await send('POST', UPLOADS);

    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`${UPLOADS}0a1b?_state=s%3D`);
    expect(sentToRegistry()).toEqual([`POST ${UPLOADS}`]);
  });

  it('names the public address when there is one', async () => {
    await start({ deps: { publicUrl: 'https://gateway.test' } });

    const { headers } = await send('POST', UPLOADS);

    expect(headers.get('location')).toBe(`https://gateway.test${UPLOADS}0a1b?_state=s%3D`);
  });

  it.each([
    ['another host', 'http://elsewhere.test/v2/a/blobs/uploads/1'],
    ['another repository', '/v2/apps/other/api/blobs/uploads/1'],
    ['no upload', '/v2/_catalog'],
    ['a path with escapes', `${UPLOADS}a%2Fb`],
  ])('does not send a client to %s', async (_what, location) => {
    script = (_request, response) => response.writeHead(202, { location }).end();
    await start();

    const answer = await send('POST', UPLOADS);

    expect({ status: answer.status, rule: ruleOf(answer) }).toEqual({
      status: 502,
      rule: 'backend-answer',
    });
    expect(answer.headers.get('location')).toBeNull();
  });

  it('needs the right to push', async () => {
    await start({
      robots: [{ name: 'reader', scopes: [{ repositories: '**', actions: ['pull'] }] }],
    });

    const answer = await send('POST', UPLOADS, { as: 'reader' });

    expect({ status: answer.status, rule: ruleOf(answer) }).toEqual({ status: 403, rule: 'scope' });
    expect(registry.seen).toHaveLength(0);
  });

  it.each([
    ['channels/prod/checkout', 'channels-by-system-only'],
    ['bases/static', 'bases-by-custodian-only'],
    ['elsewhere/thing', 'unknown-namespace'],
  ])('is refused in %s by rule %s', async (repository, rule) => {
    await start();

    const answer = await send('POST', `/v2/${repository}/blobs/uploads/`);

    expect({ status: answer.status, rule: ruleOf(answer) }).toEqual({ status: 403, rule });
    expect(registry.seen).toHaveLength(0);
  });

  it('waits while pushes are closed', async () => {
    await start();
    const until = new Date(Date.now() + 90_000).toISOString();
    await gateway.setMode({ pushes: 'closed', reason: 'reclaiming space', until });

    const answer = await send('POST', UPLOADS);

    expect({ status: answer.status, rule: ruleOf(answer) }).toEqual({
      status: 503,
      rule: 'pushes-closed',
    });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(60);
    expect(registry.seen).toHaveLength(0);
  });

  it('goes on by itself when the time of the closing has passed', async () => {
    await start();
    await gateway.setMode({ pushes: 'closed', until: '2026-01-01T00:00:00Z' });

    expect((await send('POST', UPLOADS)).status).toBe(202);
  });

  it('drops parameters that it does not know', async () => {
    await start();

    await send('POST', `${UPLOADS}?origin=x&mount=&from=%00`).catch(() => undefined);
    await send('POST', `${UPLOADS}?origin=x&n=1`);

    expect(sentToRegistry()).toEqual([`POST ${UPLOADS}`]);
  });
});

describe('mount', () => {
  const mountFrom = (from: string, digest = DIGEST): string =>
    `${UPLOADS}?mount=${digest}&from=${from}`;

  it('is recorded with the size that the registry tells, and answered with the place of the blob', async () => {
    const inventory = createFakeInventory();
    await start({ inventory });

    const answer = await send('POST', mountFrom('apps/checkout/web'));

    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(BLOB);
    expect(answer.headers.get('docker-content-digest')).toBe(DIGEST);
    expect(recordedBlobs(inventory)).toEqual([
      [REPOSITORY, DIGEST, SIZE, 'pusher', expect.any(String)],
    ]);
  });

  it('becomes a plain upload without the right to read there', async () => {
    const scopes = [{ repositories: 'apps/checkout/**', actions: ['pull', 'push'] as const }];
    await start({ robots: [{ name: 'pusher', scopes }] });

    const answer = await send('POST', mountFrom('apps/secret/api'));

    expect(answer.status).toBe(202);
    expect(sentToRegistry()).toEqual([`POST ${UPLOADS}`]);
  });

  it('becomes a plain upload for a quarantined blob', async () => {
    await start({
      blocks: [
        {
          digest: DIGEST,
          cause: DIGEST,
          reason: 'bad',
          cves: [],
          by: 'security',
          at: '2026-11-24T00:00:00Z',
          graceUntil: null,
          expiresAt: null,
        },
      ],
    });

    await send('POST', mountFrom('apps/checkout/web'));

    expect(sentToRegistry()).toEqual([`POST ${UPLOADS}`]);
  });

  it.each(['sha512:abc', 'latest', `sha256:${'A'.repeat(64)}`, ''])(
    'is refused for "%s", which is no digest',
    async (digest) => {
      await start();

      const answer = await send(
        'POST',
        `${UPLOADS}?mount=${encodeURIComponent(digest)}&from=apps/checkout/web`,
      );

      expect(answer.json?.errors?.[0]?.code).toBe('DIGEST_INVALID');
      expect(registry.seen).toHaveLength(0);
    },
  );
});

describe('course of an upload', () => {
  const upload = `${UPLOADS}0a1b?_state=s%3D`;

  it('passes chunks on with their range, whatever the mode', async () => {
    await start();
    await gateway.setMode({ pushes: 'closed' });

    const answer = await send('PATCH', upload, {
      body: 'abcd',
      headers: {
        'content-range': '0-3',
        'content-type': 'application/octet-stream',
        'x-other': '1',
      },
    });

    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(upload);
    const [seen] = registry.seen;
    expect(seen).toMatchObject({
      path: upload,
      headers: { 'content-range': '0-3', 'content-length': '4' },
    });
    expect(seen?.headers).not.toHaveProperty('authorization');
    expect(seen?.headers).not.toHaveProperty('x-other');
    expect(seen?.body.toString()).toBe('abcd');
  });

  it('ends with its digest, is recorded, and its blob is named', async () => {
    const inventory = createFakeInventory();
    await start({ inventory });

    const answer = await send('PUT', `${upload}&digest=${DIGEST}`, { body: 'tail' });

    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(BLOB);
    expect(recordedBlobs(inventory)).toEqual([
      [REPOSITORY, DIGEST, SIZE, 'pusher', expect.any(String)],
    ]);
    expect(sentToRegistry()).toEqual([
      `PUT ${upload}&digest=${encodeURIComponent(DIGEST)}`,
      `HEAD ${BLOB}`,
    ]);
  });

  it('is not told to have ended when Postgres could not be told', async () => {
    const inventory = createFakeInventory();
    inventory.fail('LEDGER_UNAVAILABLE', 1, 'recordBlob');
    await start({ inventory });

    const answer = await send('PUT', `${upload}&digest=${DIGEST}`);

    expect({ status: answer.status, rule: ruleOf(answer) }).toEqual({
      status: 503,
      rule: 'database',
    });
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  it.each(['', '&digest=sha512:1', '&digest=', `&digest=${DIGEST}&digest=${fakeDigest('other')}`])(
    'does not end with "%s" for a digest',
    async (parameter) => {
      await start();

      const answer = await send('PUT', upload + parameter);

      expect(answer.status).toBe(400);
      expect(answer.json?.errors?.[0]?.code).toBe('DIGEST_INVALID');
      expect(registry.seen).toHaveLength(0);
    },
  );

  it.each(['bytes=0-3', '0-', 'a-b', '0-3/10'])('does not take "%s" for a range', async (range) => {
    await start();

    const answer = await send('PATCH', upload, {
      body: 'abcd',
      headers: { 'content-range': range },
    });

    expect({ status: answer.status, rule: ruleOf(answer) }).toEqual({
      status: 400,
      rule: 'content-range',
    });
  });

  it('passes what the registry says about a chunk in the wrong place', async () => {
    script = (_request, response) =>
      response.writeHead(416, { location: upload, range: '0-99', 'x-internal': 'secret' }).end();
    await start();

    const answer = await send('PATCH', upload, {
      body: 'abcd',
      headers: { 'content-range': '7-10' },
    });

    expect(answer.status).toBe(416);
    expect(answer.headers.get('range')).toBe('0-99');
    expect(answer.headers.get('x-internal')).toBeNull();
  });

  it('can be asked for and cancelled', async () => {
    await start();

    const asked = await send('GET', upload);
    const cancelled = await send('DELETE', upload);

    expect([asked.status, asked.headers.get('range'), cancelled.status]).toEqual([204, '0-0', 204]);
  });

  it('does not pass on that the registry refuses the gateway', async () => {
    script = (_request, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="inner"' }).end();
    await start();

    const answer = await send('PATCH', upload, { body: 'abcd' });

    expect({ status: answer.status, rule: ruleOf(answer) }).toEqual({
      status: 502,
      rule: 'backend-denied',
    });
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });

  it('sets nothing that the registry did not give, nor digest and mount twice', async () => {
    await start();

    await send('PUT', `${upload}&mount=${DIGEST}&from=apps/x/y&digest=${DIGEST}`);

    expect(sentToRegistry()[0]).toBe(`PUT ${upload}&digest=${encodeURIComponent(DIGEST)}`);
  });
});

describe('whole blob in one POST', () => {
  it('is recorded when the registry took it', async () => {
    const inventory = createFakeInventory();
    script = (request, response) => {
      if (request.method === 'POST') response.writeHead(201, { location: BLOB }).end();
      else wellBehaved(request, response);
    };
    await start({ inventory });

    const answer = await send('POST', `${UPLOADS}?digest=${DIGEST}`, { body: 'whole' });

    expect(answer.status).toBe(201);
    expect(recordedBlobs(inventory)).toHaveLength(1);
    expect(registry.seen[0]?.body.toString()).toBe('whole');
  });

  it('goes on as an upload when the registry can not', async () => {
    await start();

    const answer = await send('POST', `${UPLOADS}?digest=${DIGEST}`, { body: 'whole' });

    expect([answer.status, answer.headers.get('location')]).toEqual([
      202,
      `${UPLOADS}0a1b?_state=s%3D`,
    ]);
  });
});
