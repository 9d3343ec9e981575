import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Refused } from '../../../../src/gateway/http/refused';
import { createBlobPipe, type BlobPipe } from '../../../../src/gateway/backend/blob-pipe';
import {
  startScriptedRegistry,
  type Script,
  type ScriptedRegistry,
} from '../../../support/scripted-registry';

let script: Script;
let registry: ScriptedRegistry;
let front: Server;
let pipe: BlobPipe;
let piped: boolean[];

const { signal } = new AbortController();

/** A client's server that serves all of it by the pipe, or says 599. */
function serve(response: ServerResponse): void {
  const request = { path: '/v2/a/blobs/b', headers: { range: 'bytes=0-' }, signal };
  const length = ({
    headers,
  }: {
    headers: Readonly<Record<string, string>>;
  }): Record<string, string> => ({
    'content-length': headers['content-length'] ?? '',
  });
  void pipe.pipe(request, response, length).then(
    (isDone) => {
      piped.push(isDone);
      if (!isDone) response.writeHead(599).end();
    },
    (error: unknown) => response.writeHead((error as Refused).status).end(),
  );
}

beforeEach(async () => {
  piped = [];
  registry = await startScriptedRegistry(() => script);
  pipe = createBlobPipe({
    origin: registry.origin,
    socketPath: null,
    headers: { authorization: 'Basic own' },
    timeoutMs: 300,
    idleMs: 5_000,
  });
  front = createServer((_request, response) => {
    serve(response);
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
});

afterEach(() => {
  pipe.close();
  registry.stop();
  front.closeAllConnections();
  front.close();
});

async function get(): Promise<{ status: number; text: string }> {
  const answer = await fetch(`http://127.0.0.1:${(front.address() as AddressInfo).port}/`);
  return { status: answer.status, text: await answer.text() };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n';

describe('blob pipe', () => {
  it('asks with its own credentials and hands the bytes on', async () => {
    let seen = '';
    script = (socket, asked) => {
      seen = asked;
      socket.write(`${OK}abcdef`);
    };

    expect(await get()).toEqual({ status: 200, text: 'abcdef' });
    expect(seen).toMatch(/^GET \/v2\/a\/blobs\/b HTTP\/1\.1\r\n/);
    expect(seen).toMatch(/\r\nrange: bytes=0-\r\n/);
    expect(seen).toMatch(/\r\nauthorization: Basic own\r\n/);
    expect(seen).toMatch(/\r\nhost: 127\.0\.0\.1:\d+\r\n/);
  });

  it('puts an answer together from any pieces', async () => {
    script = (socket) => {
      const pieces = `${OK}abcdef`.match(/.{1,3}/gs) ?? [];
      pieces.forEach((piece, index) => setTimeout(() => socket.write(piece), index * 2));
    };

    expect(await get()).toEqual({ status: 200, text: 'abcdef' });
  });

  it('asks again on the same connection', async () => {
    let last = 0;
    script = (socket, _asked, connection) => {
      last = connection;
      socket.write(`${OK}abcdef`);
    };

    await get();
    await get();

    expect(last).toBe(1);
  });

  it('does not ask again on one that the registry wants to close', async () => {
    let last = 0;
    script = (socket, _asked, connection) => {
      last = connection;
      socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na');
    };

    await get();
    await get();

    expect(last).toBe(2);
  });

  it('never takes bytes for an answer that nobody asked for', async () => {
    script = (socket, _asked, connection) => {
      socket.write(`${OK}abcdef${connection === 1 ? `${OK}forged` : ''}`);
    };

    const first = await get().catch(() => null);
    const second = await get();

    expect(first?.text ?? '').not.toContain('forged');
    expect(second).toEqual({ status: 200, text: 'abcdef' });
  });

  it.each([
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'],
    ['a redirect', 'HTTP/1.1 307 Moved\r\nContent-Length: 0\r\nLocation: /x\r\n\r\n'],
    ['a head without an end', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(40_000)}`],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
  ])('leaves %s to the HTTP client', async (_what, answer) => {
    script = (socket) => socket.write(answer);

    expect((await get()).status).toBe(599);
  });

  it('leaves a connection that is closed without a word to the HTTP client', async () => {
    script = (socket) => socket.destroy();

    expect((await get()).status).toBe(599);
  });

  it('says that the time is over when nothing comes, and asks nobody again', async () => {
    script = () => undefined;

    expect((await get()).status).toBe(504);
  });

  it('shows the client that an answer broke off', async () => {
    script = (socket) => {
      socket.write(`${OK}abc`);
      setTimeout(() => socket.destroy(), 20);
    };

    await expect(get()).rejects.toThrow();
    expect(piped).toEqual([true]);
  });

  it('tries a registry that never answers plainly only now and then', async () => {
    let asked = 0;
    script = (socket) => {
      asked += 1;
      socket.write('HTTP/1.1 307 Moved\r\nContent-Length: 0\r\nLocation: /x\r\n\r\n');
    };

    for (let round = 0; round < 20; round += 1) await get();

    expect(asked).toBe(5);
  });
});
