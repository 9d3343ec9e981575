import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fakeDigest } from '../../../support/api-fixtures';
import { startGateway, type GatewayServer } from '../../../support/gateway-server';
import {
  startHttpScript,
  type Handler,
  type HttpScript,
  type SeenRequest,
} from '../../../support/http-script';

const DIGEST = fakeDigest('stored');
const HEX = DIGEST.slice('sha256:'.length);
const BLOB = `/v2/scratch/thing/blobs/${DIGEST}`;
/** So that one sees where the bytes came from. */
const STORED = 'of the folder';
const SENT = 'of registry .';
const RANGE = { range: 'bytes=0-1' };

let script: Handler;
let registry: HttpScript;
let gateway: GatewayServer;
let storageDir: string;

beforeEach(async () => {
  script = (_request, response) =>
    response.writeHead(200, { 'content-length': SENT.length, etag: '"e"' }).end(SENT);
  registry = await startHttpScript((request, response) => {
    script(request, response);
  });
  storageDir = await mkdtemp(join(tmpdir(), 'plura-stored-'));
  const file = join(storageDir, 'docker/registry/v2/blobs/sha256', HEX.slice(0, 2), HEX, 'data');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, STORED);
  gateway = await startGateway({ backendUrl: registry.url, storageDir });
});

afterEach(async () => {
  await gateway.close();
  await registry.stop();
  await rm(storageDir, { recursive: true, force: true });
});

function get(headers: Record<string, string> = {}): Promise<Response> {
  const authorization = gateway.basic('pusher');
  return fetch(gateway.url + BLOB, {
    headers: { authorization, ...headers },
    redirect: 'manual',
  });
}

const asked = (): readonly string[] => registry.seen.map(({ method }: SeenRequest) => method);

async function outcomes(): Promise<Record<string, number>> {
  const { values } = await gateway.deps.metrics.storedBlobs.get();
  return Object.fromEntries(values.map(({ labels, value }) => [labels.outcome ?? '', value]));
}

describe('a blob that the registry keeps in a folder at hand', () => {
  it('is sent from there once the registry said by HEAD that it would send it', async () => {
    const answer = await get({ 'if-none-match': '"other"' });

    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"e"']);
    expect(await answer.text()).toBe(STORED);
    expect(asked()).toEqual(['HEAD']);
    expect(registry.seen[0]?.headers['if-none-match']).toBe('"other"');
    expect(await outcomes()).toEqual({ served: 1 });
  });

  it('is sent in part by what the registry made of the range', async () => {
    script = (_request, response) =>
      response.writeHead(206, { 'content-length': 2, 'content-range': 'bytes 3-4/13' }).end();

    const answer = await get(RANGE);

    expect([answer.status, await answer.text()]).toEqual([206, STORED.slice(3, 5)]);
    expect(asked()).toEqual(['HEAD']);
  });

  it.each<[string, number, Record<string, string | number>, Record<string, string>]>([
    ['takes no range at HEAD', 200, { 'content-length': 13 }, RANGE],
    ['answers in parts', 206, { 'content-length': 13, 'content-type': 'multipart/byteranges' }, RANGE], // prettier-ignore
    ['answers a range that nobody asked for', 206, { 'content-length': 2, 'content-range': 'bytes 3-4/13' }, {}], // prettier-ignore
    ['gives a range with another length', 206, { 'content-length': 3, 'content-range': 'bytes 3-4/13' }, RANGE], // prettier-ignore
    ['gives a range beyond the end', 206, { 'content-length': 2, 'content-range': 'bytes 12-13/13' }, RANGE], // prettier-ignore
    ['does not say a length', 200, {}, {}],
    ['encodes the blob', 200, { 'content-length': 13, 'content-encoding': 'gzip' }, {}],
    ['names another digest', 200, { 'content-length': 13, 'docker-content-digest': fakeDigest('other') }, {}], // prettier-ignore
  ])('is left to a registry that %s', async (_what, status, headers, request) => {
    script = ({ method }, response) =>
      method === 'HEAD'
        ? response.writeHead(status, headers).end()
        : response.writeHead(200, { 'content-length': SENT.length }).end(SENT);

    expect(await (await get(request)).text()).toBe(SENT);
    expect(asked()).toEqual(['HEAD', 'GET']);
    expect(await outcomes()).toEqual({});
  });

  it.each([
    [404, { 'content-type': 'application/json' }, '{"errors":[{"code":"BLOB_UNKNOWN"}]}'],
    [416, { 'content-range': 'bytes */13' }, 'no such range'],
    [307, { location: 'https://storage.test/blob?signature=a' }, ''],
  ])('is answered with the %s of the registry, in its words', async (status, headers, body) => {
    script = ({ method }, response) => {
      response.writeHead(status, { ...headers, 'content-length': body.length });
      response.end(method === 'HEAD' ? '' : body);
    };

    const answer = await get();

    expect([answer.status, await answer.text()]).toEqual([status, body]);
    expect(answer.headers.get('location')).toBe('location' in headers ? headers.location : null);
  });

  it('is not sent when the registry refuses the gateway', async () => {
    script = (_request, response) => response.writeHead(401).end();

    expect((await get()).status).toBe(502);
  });

  it('is left to the registry when the file is not what it has, and that is counted', async () => {
    await rm(join(storageDir, 'docker/registry/v2/blobs'), { recursive: true });

    const answers = [await get(), await get()];

    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual([SENT, SENT]);
    expect(asked()).toEqual(['HEAD', 'GET', 'HEAD', 'GET']);
    expect(await outcomes()).toEqual({ absent: 2 });
  });

  it('is not looked for at HEAD', async () => {
    const authorization = gateway.basic('pusher');
    await fetch(gateway.url + BLOB, { method: 'HEAD', headers: { authorization } });

    expect(asked()).toEqual(['HEAD']);
    expect(await outcomes()).toEqual({});
  });
});
