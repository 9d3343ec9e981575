import { randomBytes } from 'node:crypto';
import { sha256 } from '../../src/adapters/oci/schema';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { createFakeInventory } from '../support/fakes/inventory';

jest.setTimeout(60_000);

const REPOSITORY = 'scratch/blobs/one';
const OTHER = 'scratch/blobs/two';

let registry: RegistryServer;
let gateway: GatewayServer;
const inventory = createFakeInventory();

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

const ROBOTS = [
  {
    name: 'pusher',
    scopes: [{ repositories: '**', actions: ['pull', 'push', 'delete'] as const }],
  },
  { name: 'stranger', scopes: [{ repositories: OTHER, actions: ['pull', 'push'] as const }] },
];

interface Sent {
  /** Default: pusher. */
  readonly who?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer;
}

function send(
  method: string,
  path: string,
  { who = 'pusher', headers, body }: Sent = {},
): Promise<Response> {
  return fetch(new URL(path, gateway.url), {
    method,
    headers: { authorization: gateway.basic(who), ...headers },
    redirect: 'manual',
    ...(body && { body: new Uint8Array(body) }),
  });
}

async function begin(repository = REPOSITORY): Promise<string> {
  const answer = await send('POST', `/v2/${repository}/blobs/uploads/`);
  expect(answer.status).toBe(202);
  return locationOf(answer);
}

function locationOf(answer: Response): string {
  const location = answer.headers.get('location') ?? '';
  expect(location).toMatch(/^\/v2\/scratch\/blobs\//);
  return location;
}

const ending = (location: string, digest: string): string =>
  `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`;

function chunk(location: string, body: Buffer, start: number): Promise<Response> {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-range': `${start}-${start + body.length - 1}`,
  };
  return send('PATCH', location, { headers, body });
}

async function push(bytes: Buffer, repository = REPOSITORY): Promise<string> {
  const digest = sha256(bytes);
  const answer = await send('PUT', ending(await begin(repository), digest), { body: bytes });
  expect(answer.status).toBe(201);
  return digest;
}

async function read(
  digest: string,
  headers?: Record<string, string>,
  repository = REPOSITORY,
): Promise<Response> {
  return send('GET', `/v2/${repository}/blobs/${digest}`, headers ? { headers } : {});
}

async function bytesOf(answer: Response): Promise<Buffer> {
  return Buffer.from(await answer.arrayBuffer());
}

describe.each([
  ['that the registry sends', false],
  ['that are read where it keeps them', true],
])('blobs through the gateway %s', (_how, isStored) => {
  beforeAll(async () => {
    const { url: backendUrl, storageDir } = registry;
    const where = isStored ? { storageDir } : {};
    gateway = await startGateway({ backendUrl, ...where, inventory, robots: ROBOTS });
  });
  afterAll(() => gateway.close());

  it('takes a blob in one PUT and gives it back', async () => {
    const bytes = randomBytes(300_000);

    const digest = await push(bytes);
    const answer = await read(digest);

    expect(sha256(await bytesOf(answer))).toBe(digest);
    expect(answer.headers.get('docker-content-digest')).toBe(digest);
    expect(inventory.calls).toContainEqual({
      method: 'recordBlob',
      args: [REPOSITORY, digest, bytes.length, 'pusher', expect.any(String)],
    });
  });

  it('takes an empty blob', async () => {
    const digest = await push(Buffer.alloc(0));

    expect((await bytesOf(await read(digest))).length).toBe(0);
  });

  it('takes chunks, tells how far it is, and ends with or without a last chunk', async () => {
    const bytes = randomBytes(90_000);
    const parts = [0, 30_000, 60_000].map((at) => bytes.subarray(at, at + 30_000));

    const first = await chunk(await begin(), parts[0]!, 0);
    const status = await send('GET', locationOf(first));
    const second = await chunk(locationOf(status), parts[1]!, 30_000);
    const end = ending(locationOf(second), sha256(bytes));
    const last = await send('PUT', end, {
      body: parts[2]!,
      headers: { 'content-range': '60000-89999', 'content-type': 'application/octet-stream' },
    });

    expect([first.status, status.status, second.status, last.status]).toEqual([202, 204, 202, 201]);
    expect(status.headers.get('range')).toBe('0-29999');
    expect(sha256(await bytesOf(await read(sha256(bytes))))).toBe(sha256(bytes));
  });

  it('takes a stream of unknown length and an empty end', async () => {
    const bytes = randomBytes(200_000);
    const location = await begin();

    const patched = await fetch(new URL(location, gateway.url), {
      method: 'PATCH',
      headers: { authorization: gateway.basic('pusher') },
      body: new Blob([new Uint8Array(bytes)]).stream(),
      duplex: 'half',
    });
    const ended = await send('PUT', ending(locationOf(patched), sha256(bytes)));

    expect([patched.status, ended.status]).toEqual([202, 201]);
  });

  it('refuses a chunk in the wrong place and goes on from the right one', async () => {
    const bytes = randomBytes(60_000);
    const [first, second] = [bytes.subarray(0, 30_000), bytes.subarray(30_000)];
    const begun = await chunk(await begin(), first, 0);
    const location = locationOf(begun);

    const wrong = await chunk(location, second, 50_000);
    await wrong.arrayBuffer();
    const status = await send('GET', location);
    const right = await chunk(locationOf(status), second, 30_000);
    const ended = await send('PUT', ending(locationOf(right), sha256(bytes)));

    expect([wrong.status, right.status, ended.status]).toEqual([416, 202, 201]);
  });

  it('does not take bytes for what they are not', async () => {
    const wrong = sha256(Buffer.from('something else'));

    const answer = await send('PUT', ending(await begin(), wrong), { body: Buffer.from('bytes') });
    const found = await send('HEAD', `/v2/${REPOSITORY}/blobs/${wrong}`);

    expect([answer.status, found.status]).toEqual([400, 404]);
    expect(await answer.text()).toContain('DIGEST_INVALID');
  });

  it('cancels an upload', async () => {
    const location = await begin();

    const cancelled = await send('DELETE', location);
    const after = await send('GET', location);

    expect([cancelled.status, after.status]).toEqual([204, 404]);
    expect(await after.text()).toContain('BLOB_UPLOAD_UNKNOWN');
  });

  it('mounts from another repository without the bytes', async () => {
    const digest = await push(randomBytes(10_000));

    const answer = await send(
      'POST',
      `/v2/${OTHER}/blobs/uploads/?mount=${digest}&from=${REPOSITORY}`,
    );

    expect([answer.status, answer.headers.get('location')]).toEqual([
      201,
      `/v2/${OTHER}/blobs/${digest}`,
    ]);
    expect((await read(digest, {}, OTHER)).status).toBe(200);
    expect(inventory.calls).toContainEqual({
      method: 'recordBlob',
      args: [OTHER, digest, 10_000, 'pusher', expect.any(String)],
    });
  });

  it.each([
    ['application/x-www-form-urlencoded', (mount: string) => `mount=${mount}&from=${REPOSITORY}`],
    [
      'multipart/form-data; boundary=b',
      (mount: string) =>
        ['mount', mount, 'from', REPOSITORY]
          .map((text, at) =>
            at % 2 === 0
              ? `--b\r\nContent-Disposition: form-data; name="${text}"\r\n\r\n`
              : `${text}\r\n`,
          )
          .join('') + '--b--\r\n',
    ],
  ])('mounts nothing that a body of type %s asks for', async (type, formOf) => {
    const digest = await push(randomBytes(1000));
    const body = Buffer.from(formOf(digest));

    const posted = await send('POST', `/v2/${OTHER}/blobs/uploads/?digest=${digest}`, {
      who: 'stranger',
      headers: { 'content-type': type },
      body,
    });
    const answer = await read(digest, {}, OTHER);

    expect(posted.status).not.toBe(201);
    expect(answer.status).toBe(404);
  });

  it('begins an upload where there is nothing to mount', async () => {
    const missing = sha256(Buffer.from('nowhere'));

    const answer = await send(
      'POST',
      `/v2/${OTHER}/blobs/uploads/?mount=${missing}&from=${REPOSITORY}`,
    );

    expect(answer.status).toBe(202);
    locationOf(answer);
  });

  it('serves ranges, conditions and HEAD as the registry does', async () => {
    const bytes = randomBytes(100_000);
    const digest = await push(bytes);

    const part = await read(digest, { range: 'bytes=100-199' });
    const beyond = await read(digest, { range: 'bytes=200000-' });
    await beyond.arrayBuffer();
    const etag = (await read(digest, { range: 'bytes=0-0' })).headers.get('etag') ?? '';
    const unchanged = await read(digest, { 'if-none-match': etag });
    const head = await send('HEAD', `/v2/${REPOSITORY}/blobs/${digest}`);

    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 100-199/100000']);
    expect(Buffer.compare(await bytesOf(part), bytes.subarray(100, 200))).toBe(0);
    expect(beyond.status).toBe(416);
    expect(unchanged.status).toBe(304);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '100000']);
  });

  it('says what the spec says about a blob that is not there', async () => {
    const answer = await read(sha256(Buffer.from('absent')));

    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('BLOB_UNKNOWN');
  });

  it('answers many requests on one connection, refusals with a body among them', async () => {
    const { signal } = new AbortController();
    for (let round = 0; round < 20; round += 1) {
      const refused = await fetch(`${gateway.url}/v2/elsewhere/x/blobs/uploads/`, {
        method: 'POST',
        headers: { authorization: gateway.basic('pusher') },
        body: randomBytes(200_000),
        signal,
      });
      await refused.arrayBuffer();
      expect(refused.status).toBe(403);
      expect((await send('GET', '/v2/')).status).toBe(200);
    }
  });
});
