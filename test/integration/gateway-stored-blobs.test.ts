import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '../../src/adapters/oci/schema';
import { createBlobClient, generateBlob, Vanished } from '../support/blob-traffic';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { connectionsAt, openFilesUnder } from '../support/process-facts';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { pushBlob } from '../support/registry-push';

jest.setTimeout(120_000);

const ONE = 'scratch/stored/one';
const TWO = 'scratch/stored/two';
const CLIENTS = 24;
/** What a registry says with a blob. */
const HEADERS = [
  ...['accept-ranges', 'cache-control', 'content-length', 'content-range', 'content-type'],
  ...['docker-content-digest', 'etag', 'last-modified'],
];

let registry: RegistryServer;
let gateway: GatewayServer;

beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

beforeEach(async () => {
  const all = { repositories: '**', actions: ['pull', 'push', 'delete'] as const };
  const robots = [
    { name: 'pusher', scopes: [all] },
    { name: 'stranger', scopes: [{ repositories: ONE, actions: ['pull'] as const }] },
  ];
  const { url: backendUrl, storageDir } = registry;
  gateway = await startGateway({ backendUrl, storageDir, robots });
});
afterEach(() => gateway.close());

async function push(bytes: Buffer, repository = ONE): Promise<string> {
  const access = { url: gateway.url, basic: gateway.basic('pusher') };
  expect((await pushBlob(access, repository, bytes)).status).toBe(201);
  return sha256(bytes);
}

function read(
  repository: string,
  digest: string,
  { who = 'pusher', ...headers }: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${gateway.url}/v2/${repository}/blobs/${digest}`, {
    headers: { authorization: gateway.basic(who), ...headers },
  });
}

async function outcomes(of = gateway): Promise<Record<string, number>> {
  const { values } = await of.deps.metrics.storedBlobs.get();
  return Object.fromEntries(values.map(({ labels, value }) => [labels.outcome ?? '', value]));
}

function fileOf(dir: string, digest: string): string {
  const hex = digest.slice('sha256:'.length);
  return join(dir, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data');
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !isSo(); tries += 1) await sleep(25);
}

async function seen(answer: Response): Promise<unknown> {
  const headers = HEADERS.map((name) => [name, answer.headers.get(name)]);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, headers, bytes: bytes.toString('hex') };
}

const openFiles = (): number => openFilesUnder(process.pid, registry.storageDir);

describe('blobs read where the registry keeps them', () => {
  it.each<[string, Record<string, string>]>([
    ['all of it', {}],
    ['its first byte', { range: 'bytes=0-0' }],
    ['an end', { range: 'bytes=400-' }],
    ['the last bytes', { range: 'bytes=-7' }],
    ['a range beyond the end', { range: 'bytes=990-5000' }],
    ['no range of it', { range: 'bytes=5000-' }],
    ['what is no range', { range: 'lines=1-2' }],
    ['a range on a condition that does not hold', { range: 'bytes=0-1', 'if-range': '"other"' }],
    ['what has not changed', { 'if-none-match': '*' }],
  ])('are what the registry itself answers: %s', async (_what, headers) => {
    const digest = await push(randomBytes(1000));

    const direct = await fetch(`${registry.url}/v2/${ONE}/blobs/${digest}`, { headers });
    const through = await read(ONE, digest, headers);

    expect(await seen(through)).toEqual(await seen(direct));
  });

  it('come in parts as the registry sends them', async () => {
    const digest = await push(randomBytes(1000));

    const answer = await read(ONE, digest, { range: 'bytes=0-1,5-6' });

    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-type')).toMatch(/^multipart\/byteranges/);
  });

  it('did come from the folder', async () => {
    const digests = [await push(randomBytes(700_001)), await push(Buffer.alloc(0))];

    for (const digest of digests) {
      const bytes = await (await read(ONE, digest)).arrayBuffer();
      expect(sha256(Buffer.from(bytes))).toBe(digest);
    }

    expect(await outcomes()).toEqual({ served: 2 });
    expect(openFiles()).toBe(0);
  });

  it('are not given to a repository that does not have them', async () => {
    const digest = await push(randomBytes(1000), TWO);

    const unlinked = await read(ONE, digest);
    const stranger = await read(TWO, digest, { who: 'stranger' });

    expect(existsSync(fileOf(registry.storageDir, digest))).toBe(true);
    expect(unlinked.status).toBe(404);
    expect(await unlinked.text()).toContain('BLOB_UNKNOWN');
    expect(stranger.status).toBe(403);
    expect(await outcomes()).toEqual({});
  });

  it('are gone once the repository has lost them, though the bytes stay', async () => {
    const digest = await push(randomBytes(1000));
    const before = await (await read(ONE, digest)).arrayBuffer();

    const removed = await fetch(`${gateway.url}/v2/${ONE}/blobs/${digest}`, {
      method: 'DELETE',
      headers: { authorization: gateway.basic('pusher') },
    });

    expect([before.byteLength, removed.status]).toEqual([1000, 202]);
    expect(existsSync(fileOf(registry.storageDir, digest))).toBe(true);
    expect((await read(ONE, digest)).status).toBe(404);
  });

  it('are refused when they are quarantined', async () => {
    const digest = await push(randomBytes(1000));
    const about = {
      reason: 'a test',
      cves: ['CVE-2026-1'],
      by: 'test',
      at: '2026-11-24T00:00:00Z',
    };
    const block = { digest, cause: digest, ...about, graceUntil: null, expiresAt: null };
    await gateway.setBlocks([block as never]);

    const answer = await read(ONE, digest);

    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('CVE-2026-1');
    expect(await outcomes()).toEqual({});
  });
});

describe('a folder that has not what the registry has', () => {
  let other: string;
  let beside: GatewayServer;

  beforeEach(async () => {
    other = await mkdtemp(join(tmpdir(), 'plura-other-storage-'));
    beside = await startGateway({ backendUrl: registry.url, storageDir: other });
  });
  afterEach(async () => {
    await beside.close();
    await rm(other, { recursive: true, force: true });
  });

  it.each<[string, string, (file: string) => Promise<void>]>([
    ['nothing', 'absent', () => Promise.resolve()],
    ['other bytes', 'differs', (file) => writeFile(file, 'short')],
    ['a link', 'differs', (file) => symlink('/etc/hostname', file)],
  ])('is passed over where it has %s', async (_what, outcome, put) => {
    const digest = await push(randomBytes(1000));
    const file = fileOf(other, digest);
    await mkdir(dirname(file), { recursive: true });
    await put(file);

    const answer = await fetch(`${beside.url}/v2/${ONE}/blobs/${digest}`, {
      headers: { authorization: beside.basic('pusher') },
    });

    expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(digest);
    expect(await outcomes(beside)).toEqual({ [outcome]: 1 });
  });
});

describe('clients of stored blobs', () => {
  async function pushLarge(megabytes: number): Promise<{ digest: string; size: number }> {
    const blob = generateBlob(megabytes);
    const client = createBlobClient({ port: gateway.port, basic: gateway.basic('pusher') });
    await client.push(ONE, blob);
    client.close();
    return blob;
  }

  it('that vanish leave no file and no socket open', async () => {
    const { digest } = await pushLarge(16);

    const outcome = await Promise.all(
      Array.from({ length: CLIENTS }, async (_, index) => {
        const client = createBlobClient({ port: gateway.port, basic: gateway.basic('pusher') });
        const end = await client.pull(ONE, digest, 1 + index * 300_000).catch((e: unknown) => e);
        client.close();
        return end;
      }),
    );
    await until(() => openFiles() === 0);

    expect(outcome.every((one) => one instanceof Vanished)).toBe(true);
    expect(openFiles()).toBe(0);
    await until(() => connectionsAt(process.pid, gateway.port) === 0);
    expect(connectionsAt(process.pid, gateway.port)).toBe(0);
  });

  it('that are slow hold back the disk', async () => {
    const { digest, size } = await pushLarge(96);
    const before = process.memoryUsage().arrayBuffers;

    const asked = request(`${gateway.url}/v2/${ONE}/blobs/${digest}`, {
      headers: { authorization: gateway.basic('pusher') },
    }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    await sleep(1_000);
    const held = process.memoryUsage().arrayBuffers - before;
    let received = 0;
    for await (const chunk of answer) received += (chunk as Buffer).length;
    await until(() => openFiles() === 0);

    expect(held).toBeLessThan(16 * 1024 * 1024);
    expect([received, openFiles()]).toEqual([size, 0]);
  });

  it('may ask many times on one connection', async () => {
    const digest = await push(randomBytes(300_000));
    const client = createBlobClient({ port: gateway.port, basic: gateway.basic('pusher') });

    for (let round = 0; round < 50; round += 1) expect(await client.pull(ONE, digest)).toBe(digest);
    client.close();

    expect(await outcomes()).toEqual({ served: 50 });
  });
});
