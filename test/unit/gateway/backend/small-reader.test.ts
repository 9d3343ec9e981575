import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSmallReader, type SmallReader } from '../../../../src/gateway/backend/small-reader';
import {
  startScriptedRegistry,
  type Script,
  type ScriptedRegistry,
} from '../../../support/scripted-registry';

let script: Script;
let registry: ScriptedRegistry;
let reader: SmallReader;

const { signal } = new AbortController();
const request = { path: '/v2/a/manifests/b', headers: { accept: '*/*' }, signal };
const MAX = 64 * 1024;

beforeEach(async () => {
  registry = await startScriptedRegistry(() => script);
  reader = createSmallReader({
    origin: registry.origin,
    socketPath: null,
    headers: { authorization: 'Basic own' },
    timeoutMs: 300,
    idleMs: 5_000,
  });
});

afterEach(() => {
  reader.close();
  registry.stop();
});

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\nETag: "x"\r\n\r\n';

describe('small reader', () => {
  it('gives status, headers and bytes, asked with its own credentials', async () => {
    let seen = '';
    script = (socket, asked) => {
      seen = asked;
      socket.write(`${OK}abcdef`);
    };

    const answer = await reader.read(request, MAX);

    expect(answer).toMatchObject({ status: 200, headers: { etag: '"x"' } });
    expect(answer?.body.toString()).toBe('abcdef');
    expect(seen).toMatch(/^GET \/v2\/a\/manifests\/b HTTP\/1\.1\r\n/);
    expect(seen).toMatch(/\r\nauthorization: Basic own\r\n/);
  });

  it('keeps an answer when the connection is used for the next', async () => {
    let last = 0;
    script = (socket, _asked, connection) => {
      last = connection;
      socket.write(`${OK}${String(connection).repeat(3)}${registry.sockets.size}xx`);
    };

    const first = await reader.read(request, MAX);
    script = (socket) => socket.write(`${OK}second`);
    const second = await reader.read(request, MAX);

    expect(last).toBe(1);
    expect(first?.body.toString()).toBe('1111xx');
    expect(second?.body.toString()).toBe('second');
  });

  it('puts one together that is larger than a read', async () => {
    const text = 'abcdefgh'.repeat(7_000);
    script = (socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);

    const answer = await reader.read(request, MAX);

    expect(answer?.body.toString()).toBe(text);
  });

  it('hands on that something is not there, without asking twice', async () => {
    let asked = 0;
    script = (socket) => {
      asked += 1;
      socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}');
    };

    const answer = await reader.read(request, MAX);

    expect(answer).toMatchObject({ status: 404 });
    expect(asked).toBe(1);
  });

  it.each([
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'],
    ['more than is taken', `HTTP/1.1 200 OK\r\nContent-Length: ${MAX + 1}\r\n\r\n`],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na'],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
  ])('leaves %s to the HTTP client', async (_what, answer) => {
    script = (socket) => socket.write(answer);

    expect(await reader.read(request, MAX)).toBeNull();
  });

  it.each([
    ['before the answer', (socket: Socket) => socket.destroy()],
    ['in the middle of it', (socket: Socket) => socket.end(`${OK}abc`)],
  ])('gives up a connection that ends %s', async (_when, answer) => {
    script = answer;

    expect(await reader.read(request, MAX)).toBeNull();
  });

  it('says that the time is over when nothing comes, and asks nobody again', async () => {
    script = () => undefined;

    await expect(reader.read(request, MAX)).rejects.toMatchObject({ status: 504 });
  });

  it('gives up when the client has gone', async () => {
    const client = new AbortController();
    script = () => {
      client.abort();
    };
    const read = reader.read({ ...request, signal: client.signal }, MAX);

    await expect(read).rejects.toMatchObject({ status: 502 });
  });

  it('takes nothing that came before it was asked for the beginning of an answer', async () => {
    script = (socket, _asked, connection) => {
      socket.write(`${OK}abcdef`);
      if (connection === 1) setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nX: '), 20);
    };
    await reader.read(request, MAX);
    await sleep(60);
    script = (socket) => socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}');

    expect(await reader.read(request, MAX)).toMatchObject({ status: 404 });
    expect(registry.sockets.size).toBe(2);
  });

  it('never sends a line break into a request', async () => {
    const forged = ['a\r\nx: y', 'a\u010d\u010ax: y'].map((accept) => ({
      ...request,
      headers: { accept },
    }));

    const answers = await Promise.all(forged.map((one) => reader.read(one, MAX)));

    expect(answers).toEqual([null, null]);
    expect(registry.sockets.size).toBe(0);
  });
});
