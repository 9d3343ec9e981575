import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import fc from 'fast-check';
import { createGatewayServer, stopServer } from '../../../../src/gateway/server';

interface Said {
  readonly text: string;
  readonly statuses: readonly number[];
}

let server: Server;
let port: number;
let served: string[];

function answerWith(request: IncomingMessage): Promise<void> {
  served.push(`${String(request.method)} ${String(request.url)}`);
  request.resume();
  return once(request, 'end').then(() => undefined);
}

beforeEach(async () => {
  served = [];
  server = createGatewayServer({
    headersTimeoutMs: 300,
    idleTimeoutMs: 600,
    onRequest: (request, response) => {
      answerWith(request).then(
        () => response.end('ok'),
        () => undefined,
      );
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

afterEach(() => stopServer(server, 0));

/** Until the server ends the connection: whatever is wrong with a request, it does. */
function untilClosed(bytes: string, open?: (socket: Socket) => void): Promise<Said> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) =>
        Number(status),
      );
      resolve({ text, statuses });
    });
    socket.write(bytes, 'latin1', () => open?.(socket));
  });
}

const HEAD = 'Host: registry.test\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

describe('gateway server', () => {
  it.each([
    [
      'a length beside chunks',
      `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: 4\r\n${CHUNKED}\r\n0\r\n\r\n`,
    ],
    [
      'chunks beside a length',
      `PUT /a HTTP/1.1\r\n${HEAD}${CHUNKED}Content-Length: 4\r\n\r\n0\r\n\r\n`,
    ],
    ['two lengths', `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`],
    [
      'the same length twice',
      `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd`,
    ],
    ['a list of lengths', `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: 4, 4\r\n\r\nabcd`],
    ['a negative length', `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: -1\r\n\r\n`],
    ['a length with a sign', `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: +4\r\n\r\nabcd`],
    ['a length that is no number', `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: 0x4\r\n\r\nabcd`],
    [
      'a length beyond any number',
      `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: ${'9'.repeat(30)}\r\n\r\nabcd`,
    ],
    ['an unknown coding', `PUT /a HTTP/1.1\r\n${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    [
      'chunked not last',
      `PUT /a HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    ],
    ['a space before the colon', `GET /a HTTP/1.1\r\n${HEAD}Transfer-Encoding : chunked\r\n\r\n`],
    ['a folded header', `GET /a HTTP/1.1\r\n${HEAD}X-A: b\r\n c\r\n\r\n`],
    ['a bare line feed', `GET /a HTTP/1.1\n${HEAD}\n`],
    ['a bare carriage return', `GET /a HTTP/1.1\r\n${HEAD}X: a\rb\r\n\r\n`],
    ['a NUL in a header', `GET /a HTTP/1.1\r\n${HEAD}X: a\0b\r\n\r\n`],
    ['no host', 'GET /a HTTP/1.1\r\n\r\n'],
    ['an unknown method', `FETCH /a HTTP/1.1\r\n${HEAD}\r\n`],
    ['another protocol', `GET /a HTTP/3.7\r\n${HEAD}\r\n`],
    ['no protocol', 'GET /a\r\n\r\n'],
    ['a space in the target', `GET /a b HTTP/1.1\r\n${HEAD}\r\n`],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('turns away %s and ends the connection', async (_what, bytes) => {
    const said = await untilClosed(bytes);

    expect(said.statuses).toEqual([400]);
    expect(served).toEqual([]);
  });

  it.each([
    ['a chunk size that is none', 'zz\r\nabcd\r\n0\r\n\r\n'],
    ['a chunk longer than it says', '2\r\nabcd\r\n0\r\n\r\n'],
    ['a chunk size beyond any number', `${'f'.repeat(40)}\r\n`],
  ])('breaks off at %s', async (_what, body) => {
    const said = await untilClosed(`PUT /a HTTP/1.1\r\n${HEAD}${CHUNKED}\r\n${body}`);

    expect(said.statuses).toEqual([400]);
  });

  it.each([
    ['Upgrade', `GET /a HTTP/1.1\r\n${HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, 400],
    [
      'Upgrade to HTTP/2',
      `GET /a HTTP/1.1\r\n${HEAD}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
      400,
    ],
    ['CONNECT', `CONNECT registry.test:443 HTTP/1.1\r\n${HEAD}\r\n`, 405],
  ])('does not become something else by %s', async (_what, bytes, status) => {
    const said = await untilClosed(`${bytes}GET /smuggled HTTP/1.1\r\n${HEAD}\r\n`);

    expect(said.statuses).toEqual([status]);
    expect(said.text).toContain('"code":"UNSUPPORTED"');
    expect(served).toEqual([]);
  });

  it('takes headers up to 16 KB and no more', async () => {
    const request = (bytes: number): string =>
      `GET /a HTTP/1.1\r\n${HEAD}Connection: close\r\nX: ${'a'.repeat(bytes)}\r\n\r\n`;

    const fits = await untilClosed(request(15_000));
    const over = await untilClosed(request(17_000));

    expect(fits.statuses).toEqual([200]);
    expect(over.statuses).toEqual([431]);
  });

  it('does not wait for headers that come a byte at a time', async () => {
    const said = await untilClosed(`GET /a HTTP/1.1\r\n${HEAD}`, (socket) => {
      const drip = setInterval(() => socket.write('X'), 50);
      socket.on('close', () => {
        clearInterval(drip);
      });
    });

    expect(said.statuses).toEqual([408]);
    expect(served).toEqual([]);
  });

  it('ends a connection on which no byte of a body moves', async () => {
    const said = await untilClosed(`PUT /a HTTP/1.1\r\n${HEAD}Content-Length: 10\r\n\r\nabc`);

    expect(said.statuses).toEqual([]);
    expect(served).toEqual(['PUT /a']);
  });

  it('serves well-formed requests one after the other on a connection', async () => {
    const put = `PUT /a HTTP/1.1\r\n${HEAD}${CHUNKED}\r\n4\r\nabcd\r\n0\r\n\r\n`;
    const last = `GET /b HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`;

    const said = await untilClosed(put + last);

    expect(said.statuses).toEqual([200, 200]);
    expect(served).toEqual(['PUT /a', 'GET /b']);
  });

  it('survives any bytes, and answers nothing but 200, 4xx or silence', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary-ascii', maxLength: 20 }),
      fc.constantFrom(
        'GET /a HTTP/1.1\r\n',
        HEAD,
        CHUNKED,
        'Content-Length: 3\r\n',
        '\r\n',
        '\n',
        '0\r\n\r\n',
      ),
      fc.constantFrom(
        'Connection: close\r\n',
        'Expect: 100-continue\r\n',
        'PUT /',
        ' HTTP/1.1',
        '\0',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const { statuses } = await untilClosed(pieces.join(''), (socket) => socket.end());
        const strange = statuses.filter((one) => one !== 200 && (one < 400 || one > 499));
        expect(strange).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(server.listening).toBe(true);
  });

  it('lets a request end when it stops, and takes no new one', async () => {
    const running = untilClosed(`PUT /a HTTP/1.1\r\n${HEAD}Content-Length: 4\r\n\r\n`, (socket) => {
      setTimeout(() => socket.write('abcd'), 100);
    });
    await once(server, 'request');

    await stopServer(server, 5_000);

    expect((await running).statuses).toEqual([200]);
    await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  it('cuts off what has not ended in time', async () => {
    const running = untilClosed(`PUT /a HTTP/1.1\r\n${HEAD}Content-Length: 4\r\n\r\n`);
    await once(server, 'request');

    await stopServer(server, 50);

    expect((await running).statuses).toEqual([]);
  });
});
