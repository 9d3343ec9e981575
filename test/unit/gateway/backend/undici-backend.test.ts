import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from '../../../../src/gateway/backend/backend';
import { createBackend } from '../../../../src/gateway/backend/undici-backend';
import { Refused } from '../../../../src/gateway/http/refused';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let url: string;
let handler: Handler;
let backend: Backend;

beforeEach(async () => {
  handler = (_request, response) => response.end();
  server = createServer((request, response) => {
    handler(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  backend = createBackend({ url });
});

afterEach(async () => {
  await backend.close();
  server.closeAllConnections();
  server.close();
});

const { signal } = new AbortController();

async function textOf(body: Readable): Promise<string> {
  let text = '';
  for await (const chunk of body) text += String(chunk);
  return text;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  return textOf(request);
}

describe('backend', () => {
  it('passes path and headers as they are and gives status, headers and body', async () => {
    let seen: IncomingMessage | undefined;
    handler = (request, response) => {
      seen = request;
      response.writeHead(206, { 'X-Thing': 'a', 'content-type': 'text/plain' }).end('abc');
    };

    const answer = await backend.send({
      method: 'GET',
      path: '/v2/a/blobs/sha256:1?x=%2F',
      headers: { range: 'bytes=0-2' },
      signal,
    });

    expect(answer).toMatchObject({ status: 206, headers: { 'x-thing': 'a' } });
    expect(await textOf(answer.body)).toBe('abc');
    expect(seen).toMatchObject({
      url: '/v2/a/blobs/sha256:1?x=%2F',
      headers: { range: 'bytes=0-2' },
    });
    expect(seen?.headers.authorization).toBeUndefined();
  });

  it('shows its own credentials and no others', async () => {
    const own = createBackend({ url, credentials: { username: 'gateway', password: 's:e' } });
    let seen: string | undefined;
    handler = (request, response) => {
      seen = request.headers.authorization;
      response.end();
    };

    await own.fetch(
      { method: 'GET', path: '/v2/', headers: { authorization: 'Basic x' }, signal },
      10,
    );
    await own.close();

    expect(seen).toBe(`Basic ${Buffer.from('gateway:s:e').toString('base64')}`);
  });

  it('streams a body of unknown length and says so', async () => {
    let seen = '';
    let coding: string | undefined;
    handler = (request, response) => {
      coding = request.headers['transfer-encoding'];
      void bodyOf(request).then((text) => {
        seen = text;
        response.end();
      });
    };

    await backend.fetch(
      { method: 'PATCH', path: '/u', body: Readable.from(['ab', 'cd']), signal },
      0,
    );

    expect({ seen, coding }).toEqual({ seen: 'abcd', coding: 'chunked' });
  });

  it('keeps a length that the client gave', async () => {
    let length: string | undefined;
    handler = (request, response) => {
      length = request.headers['content-length'];
      request.resume().on('end', () => response.end());
    };

    const headers = { 'content-length': '4' };
    await backend.fetch(
      { method: 'PUT', path: '/u', headers, body: Readable.from(['abcd']), signal },
      0,
    );

    expect(length).toBe('4');
  });

  it('leaves the source of a body alive when the registry answers before it took all', async () => {
    handler = (_request, response) => response.writeHead(404).end('unknown upload');
    const source = new Readable({ read: () => undefined });
    source.push('first');

    const answer = await backend.send({ method: 'PATCH', path: '/u', body: source, signal });

    expect(answer.status).toBe(404);
    expect(await textOf(answer.body)).toBe('unknown upload');
    expect(source.destroyed).toBe(false);
  });

  it('lets go of the registry when the source of a body ends too early', async () => {
    const aborted = new Promise((resolve) => {
      handler = (request) => request.resume().on('error', resolve);
    });
    const source = new Readable({ read: () => undefined });
    source.push('first');

    const sent = backend.send({ method: 'PATCH', path: '/u', body: source, signal });
    const failed = expect(sent).rejects.toBeInstanceOf(Refused);
    await once(server, 'request');
    source.destroy();

    await failed;
    await aborted;
  });

  it('stops reading when nobody takes the bytes, and goes on when somebody does', async () => {
    let written = 0;
    const block = Buffer.alloc(64 * 1024);
    const total = 64 * 1024 * 1024;
    handler = (_request, response) => {
      response.writeHead(200, { 'content-length': total });
      const more = (): void => {
        while (written < total) {
          written += block.length;
          if (!response.write(block)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    };

    const { body } = await backend.send({ method: 'GET', path: '/b', signal });
    await sleep(300);
    const whileNobodyReads = written;
    let received = 0;
    for await (const chunk of body) received += (chunk as Buffer).length;

    // What the kernel's buffers on loopback hold, far from all of it.
    expect(whileNobodyReads).toBeLessThan(total / 2);
    expect(received).toBe(total);
  });

  it('ends the request to the registry when its signal is aborted before the answer', async () => {
    const gone = new Promise((resolve) => {
      handler = (request) => request.on('close', resolve);
    });
    const client = new AbortController();

    const sent = backend.send({ method: 'GET', path: '/b', signal: client.signal });
    const failed = expect(sent).rejects.toBeInstanceOf(Refused);
    await once(server, 'request');
    client.abort();

    await failed;
    await gone;
  });

  it('ends it when the answer is destroyed half way', async () => {
    const gone = new Promise((resolve) => {
      handler = (_request, response) => {
        response.on('close', resolve);
        response.writeHead(200, { 'content-length': 10 }).write('half');
      };
    });

    const { body } = await backend.send({ method: 'GET', path: '/b', signal });
    body.on('error', () => undefined).destroy();

    await gone;
  });

  it('sends nothing for a client that has gone already', async () => {
    const spy = jest.fn();
    handler = spy;

    await expect(
      backend.send({ method: 'GET', path: '/b', signal: AbortSignal.abort() }),
    ).rejects.toBeInstanceOf(Refused);
    expect(spy).not.toHaveBeenCalled();
  });

  it('fails the stream when the registry breaks off half way', async () => {
    handler = (_request, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('half');
      setTimeout(() => response.destroy(), 20);
    };

    const { body } = await backend.send({ method: 'GET', path: '/b', signal });

    await expect(textOf(body)).rejects.toThrow();
  });

  it('does not take an answer that is larger than asked for', async () => {
    handler = (_request, response) => response.end('x'.repeat(1000));

    await expect(backend.fetch({ method: 'GET', path: '/m', signal }, 999)).rejects.toMatchObject({
      status: 502,
    });
    await expect(backend.fetch({ method: 'GET', path: '/m', signal }, 1000)).resolves.toMatchObject(
      {
        status: 200,
      },
    );
  });

  it('says 503 when nobody listens, and when to try again', async () => {
    const nobody = createBackend({ url: 'http://127.0.0.1:1' });

    await expect(nobody.fetch({ method: 'GET', path: '/v2/', signal }, 10)).rejects.toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      refusal: { code: 'UNAVAILABLE', rule: 'backend-down' },
    });
    await nobody.close();
  });

  it('says 504 when the answer does not begin in time', async () => {
    handler = () => undefined;
    const impatient = createBackend({ url, timeoutMs: 100 });

    await expect(
      impatient.fetch({ method: 'GET', path: '/v2/', signal }, 10),
    ).rejects.toMatchObject({
      status: 504,
    });
    await impatient.close();
  });

  it('waits longer for an answer that may take its time', async () => {
    handler = (_request, response) => setTimeout(() => response.end('late'), 1_500);
    const impatient = createBackend({ url, timeoutMs: 100 });

    const answer = await impatient.fetch(
      { method: 'PUT', path: '/u', signal, answerWithinMs: 10_000 },
      10,
    );
    await impatient.close();

    expect(answer.body.toString()).toBe('late');
  });

  it('follows no redirect', async () => {
    handler = (_request, response) =>
      response.writeHead(307, { location: 'http://elsewhere/' }).end();

    await expect(backend.fetch({ method: 'GET', path: '/b', signal }, 10)).resolves.toMatchObject({
      status: 307,
      headers: { location: 'http://elsewhere/' },
    });
  });

  it.each([
    ['/v2/a/blobs/uploads/1?_state=b', '/v2/a/blobs/uploads/1?_state=b'],
    ['OWN/v2/a/blobs/uploads/1?_state=b%3D', '/v2/a/blobs/uploads/1?_state=b%3D'],
    ['https://storage.test/bucket/1', null],
    ['//storage.test/bucket/1', null],
    ['http://127.0.0.1:1/v2/', null],
    ['http://[', null],
  ])('tells of %s whether it is the registry', (location, path) => {
    expect(backend.ownPath(location.replace('OWN', url))).toBe(path);
  });
});

describe('backend on a connection that the registry closes', () => {
  /** Answers the first request of a connection; drops the connection at the second one without a word. */
  async function startForgetful(): Promise<{
    url: string;
    connections: () => number;
    stop(): void;
  }> {
    let connections = 0;
    const open = new Set<Socket>();
    const forgetful = createTcpServer((socket) => {
      connections += 1;
      open.add(socket);
      let requests = 0;
      socket.on('error', () => undefined);
      socket.on('data', () => {
        requests += 1;
        if (requests > 1) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    }).listen(0, '127.0.0.1');
    await once(forgetful, 'listening');
    return {
      url: `http://127.0.0.1:${(forgetful.address() as AddressInfo).port}`,
      connections: () => connections,
      stop: () => {
        open.forEach((socket) => socket.destroy());
        forgetful.close();
      },
    };
  }

  it('sends a read once more, and a write never', async () => {
    const forgetful = await startForgetful();
    const reader = createBackend({ url: forgetful.url });

    const first = await reader.fetch({ method: 'GET', path: '/v2/', signal }, 10);
    const second = await reader.fetch({ method: 'GET', path: '/v2/', signal }, 10);
    // The pool has the connection back a moment after the answer.
    await sleep(5);
    const write = reader.fetch({ method: 'PUT', path: '/m', body: Buffer.from('x'), signal }, 10);

    expect([first.status, second.status]).toEqual([200, 200]);
    await expect(write).rejects.toMatchObject({ status: 502 });
    expect(forgetful.connections()).toBe(2);
    await reader.close();
    forgetful.stop();
  });
});
