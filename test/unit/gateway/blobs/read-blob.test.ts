import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Block } from '../../../../src/domain/registry/quarantine';
import { fakeDigest } from '../../../support/api-fixtures';
import {
  startGateway,
  type GatewayServer,
  type GatewayServerOptions,
} from '../../../support/gateway-server';
import { startHttpScript, type Handler, type HttpScript } from '../../../support/http-script';

const DIGEST = fakeDigest('blob');
const BLOB = `/v2/scratch/thing/blobs/${DIGEST}`;

let script: Handler;
let registry: HttpScript;
let gateway: GatewayServer;

beforeEach(async () => {
  script = (_request, response) => response.writeHead(200, { 'content-length': 5 }).end('bytes');
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

function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const authorization = gateway.basic('pusher');
  return fetch(gateway.url + path, {
    method,
    headers: { authorization, ...headers },
    redirect: 'manual',
  });
}

function blockOf(changes: Partial<Block>): Block {
  return {
    digest: DIGEST,
    cause: DIGEST,
    reason: 'remote code execution',
    cves: ['CVE-2026-1'],
    by: 'security',
    at: '2026-11-24T00:00:00Z',
    graceUntil: null,
    expiresAt: null,
    ...changes,
  };
}

describe('read of a blob', () => {
  it('passes range and conditions on, and the answer back as it is', async () => {
    script = (_request, response) => {
      response.writeHead(206, {
        'content-length': 2,
        'content-range': 'bytes 0-1/5',
        etag: '"e"',
        server: 'inner',
      });
      response.end('by');
    };
    await start();
    const asked = {
      range: 'bytes=0-1',
      'if-range': '"e"',
      cookie: 'a=b',
      'x-forwarded-host': 'evil',
    };

    const answer = await send('GET', BLOB, asked);

    expect([answer.status, await answer.text()]).toEqual([206, 'by']);
    expect(answer.headers.get('content-range')).toBe('bytes 0-1/5');
    expect(answer.headers.get('server')).toBeNull();
    const { headers } = registry.seen[0] ?? {};
    expect(headers).toMatchObject({ range: 'bytes=0-1', 'if-range': '"e"' });
    expect(Object.keys(headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/cookie|forwarded|authorization/)]),
    );
  });

  it('tells the size at HEAD, and sends nothing', async () => {
    script = (_request, response) =>
      response.writeHead(200, { 'content-length': 4_000_000_000 }).end();
    await start();

    const answer = await send('HEAD', BLOB);

    expect(answer.headers.get('content-length')).toBe('4000000000');
    expect(registry.seen[0]?.method).toBe('HEAD');
  });

  it.each(['GET', 'HEAD'])(
    'hands the storage address of a redirecting registry to a client at %s',
    async (method) => {
      const location = 'https://storage.test/bucket/blob?signature=a%2Bb';
      script = (_request, response) => response.writeHead(307, { location }).end();
      await start();

      const answer = await send(method, BLOB);

      expect([answer.status, answer.headers.get('location')]).toEqual([307, location]);
    },
  );

  it('leads a redirect within the registry through the gateway', async () => {
    script = (_request, response) =>
      response.writeHead(307, { location: `${registry.url}${BLOB}?x=1` }).end();
    await start();

    expect((await send('GET', BLOB)).headers.get('location')).toBe(`${BLOB}?x=1`);
  });

  it('drops the query of the client', async () => {
    await start();

    await (await send('GET', `${BLOB}?ns=docker.io`)).text();

    expect(registry.seen[0]?.path).toBe(BLOB);
  });

  it('is refused for a quarantined digest, by its CVE, and counted', async () => {
    await start({ blocks: [blockOf({})] });

    const answer = await send('GET', BLOB);

    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('CVE-2026-1');
    expect(registry.seen).toHaveLength(0);
    const metrics = await gateway.deps.metrics.registry.metrics();
    expect(metrics).toContain('plura_gateway_blocked_pulls_total{reason="cve"} 1');
  });

  it('goes on once the quarantine has expired', async () => {
    await start({ blocks: [blockOf({ expiresAt: '2026-01-01T00:00:00Z' })] });

    expect((await send('GET', BLOB)).status).toBe(200);
  });

  it('does not pass on that the registry refuses the gateway', async () => {
    script = (_request, response) => response.writeHead(403).end('{"errors":[]}');
    await start();

    expect((await send('GET', BLOB)).status).toBe(502);
  });

  it('shows a client that an answer is not whole when the registry breaks off', async () => {
    script = (_request, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('half');
      setTimeout(() => response.destroy(), 20);
    };
    await start();

    const answer = await send('GET', BLOB);

    await expect(answer.text()).rejects.toThrow();
  });

  it('lets go of the registry when the client vanishes', async () => {
    const gone = new Promise((resolve) => {
      script = (_request, response) => {
        response.on('close', resolve);
        response.writeHead(200, { 'content-length': 10 }).write('half');
      };
    });
    await start();
    const asked = httpRequest(gateway.url + BLOB, {
      headers: { authorization: gateway.basic('pusher') },
    });
    asked.on('error', () => undefined).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];

    answer.on('error', () => undefined);
    asked.destroy();

    await gone;
  });
});

describe('delete of a blob', () => {
  it('is passed on where everything is open', async () => {
    script = (_request, response) => response.writeHead(202).end();
    await start();

    expect((await send('DELETE', BLOB)).status).toBe(202);
    expect(registry.seen[0]?.method).toBe('DELETE');
  });

  it('is refused elsewhere', async () => {
    await start();

    const answer = await send('DELETE', `/v2/apps/checkout/api/blobs/${DIGEST}`);

    expect(answer.status).toBe(405);
    expect(registry.seen).toHaveLength(0);
  });
});
