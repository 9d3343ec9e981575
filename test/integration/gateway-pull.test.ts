import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import {
  createPostgresRegistryStores,
  type PostgresRegistryStores,
} from '../../src/adapters/postgres/registry-stores';
import { createRobotSecret, hashRobotSecret } from '../../src/contract/schema/registry-token';
import type { Digest } from '../../src/domain/digest';
import type { RobotKind } from '../../src/domain/registry/principal';
import type { TestImage } from '../support/fakes/registry-image';
import { createTestApi } from '../support/api-app';
import { runPlura, type CliRun } from '../support/cli-run';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { call, pushImage, type RegistryAccess } from '../support/registry-push';
import { startRegistry, type RegistryServer } from '../support/registry-server';

jest.setTimeout(60_000);

const REPO = 'scratch/checkout';
const ACCEPT =
  'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json';

let postgres: PostgresServer;
let registry: RegistryServer;
let stores: PostgresRegistryStores;
let ledger: PostgresLedger;
let gateway: GatewayServer;
let pusher: RegistryAccess;
let observer: RegistryAccess;
let isOpen = false;

async function createRobot(name: string, kind: RobotKind): Promise<RegistryAccess> {
  const secret = createRobotSecret();
  const scopes = [{ repositories: '**', actions: ['pull', 'push'] }] as const;
  const at = new Date().toISOString();
  const who = { name, kind, scopes, description: '', createdBy: 'test', createdAt: at };
  await stores.robots.create({ ...who, expiresAt: null }, hashRobotSecret(secret));
  const basic = `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
  return { url: gateway.url, basic };
}

beforeAll(async () => {
  postgres = await startPostgres();
  registry = await startRegistry();
});

beforeEach(async () => {
  const connectionString = await postgres.freshDatabase();
  stores = createPostgresRegistryStores({ connectionString });
  ledger = createPostgresLedger({ connectionString });
  gateway = await startGateway({
    backendUrl: registry.url,
    inventory: stores.inventory,
    state: stores.state,
    policy: { open: ['scratch'] },
  });
  isOpen = true;
  pusher = await createRobot('pusher', 'robot');
  observer = await createRobot('scanner', 'observer');
  await gateway.deps.cache.refresh();
});

/** Writes down what waits to be written. */
async function closeGateway(): Promise<void> {
  if (isOpen) await gateway.close();
  isOpen = false;
}

afterEach(async () => {
  await closeGateway();
  await Promise.all([stores.close(), ledger.close()]);
});

afterAll(async () => {
  await registry.stop();
  await postgres.stop();
});

/** An image in its index; each `name` is another one. */
async function push(name: string, to: RegistryAccess = pusher): Promise<IndexInParts> {
  const repository = REPO;
  const image = await pushImage(to, { repository, labels: { name }, index: true }, name);
  return { index: image.digest, child: childOf(image) };
}

interface IndexInParts {
  readonly index: Digest;
  readonly child: Digest;
}

function childOf({ manifests }: TestImage): Digest {
  const index = JSON.parse(manifests.at(-1)!.bytes.toString()) as {
    manifests: { digest: Digest }[];
  };
  return index.manifests[0]!.digest;
}

async function quarantine(digest: Digest): Promise<void> {
  await stores.quarantine.add({
    digest,
    reason: 'remote code execution',
    cves: ['CVE-2026-1234'],
    actor: 'erin',
    at: new Date().toISOString(),
    graceUntil: null,
    expiresAt: null,
  });
}

function get(reference: string, init: RequestInit = {}, by = pusher): Promise<Response> {
  const headers = { accept: ACCEPT, ...(init.headers as Record<string, string> | undefined) };
  return call(by, `/v2/${REPO}/manifests/${reference}`, { ...init, headers });
}

async function statusOf(reference: string, init: RequestInit = {}): Promise<number> {
  const response = await get(reference, init);
  await response.arrayBuffer();
  return response.status;
}

async function eventually(check: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await check()) return;
    await sleep(25);
  }
  throw new Error('it did not come to that');
}

async function listTags(query = ''): Promise<{ tags: readonly string[]; link: string | null }> {
  const response = await call(pusher, `/v2/${REPO}/tags/list${query}`);
  const { tags } = (await response.json()) as { tags: readonly string[] };
  return { tags, link: response.headers.get('link') };
}

describe('a pull through the gateway', () => {
  const SAME = ['content-type', 'content-length', 'docker-content-digest', 'etag'];

  it.each(['GET', 'HEAD'])('has the headers and bytes of the registry for %s', async (method) => {
    const { index, child } = await push('same');

    for (const reference of ['same', index, child]) {
      const through = await get(reference, { method });
      const direct = await get(reference, { method }, { url: registry.url, basic: '' });

      for (const name of SAME) expect(through.headers.get(name)).toBe(direct.headers.get(name));
      expect(through.headers.get('docker-content-digest')).not.toBeNull();
      expect(Buffer.from(await through.arrayBuffer())).toEqual(
        Buffer.from(await direct.arrayBuffer()),
      );
    }
  });

  it.each([
    ['conditional', { 'if-none-match': '"DIGEST"' }],
    ['conditional', { 'if-none-match': '"other"' }],
    ['conditional', { accept: 'application/vnd.docker.distribution.manifest.v2+json' }],
    ['conditional', { accept: 'application/vnd.oci.image.manifest.v1+json' }],
    ['conditional', { accept: 'text/plain' }],
    ['missing', {}],
  ])('is what the registry answers for %s with %j', async (reference, template) => {
    const { index } = await push('conditional');
    const headers = Object.fromEntries(
      Object.entries(template).map(([name, value]) => [name, value.replace('DIGEST', index)]),
    );

    const through = await get(reference, { headers });
    const direct = await get(reference, { headers }, { url: registry.url, basic: '' });

    expect(through.status).toBe(direct.status);
    const digest = 'docker-content-digest';
    if (direct.status === 200) expect(through.headers.get(digest)).toBe(direct.headers.get(digest));
  });

  it('is the last activity of tag and digest, an observer’s is not', async () => {
    const { child } = await push('active');
    await push('scanned');

    await get('active', { method: 'HEAD' });
    await get(child);
    await get('scanned', {}, observer);
    await closeGateway();

    const at = expect.any(String) as string;
    expect((await stores.inventory.getTag(REPO, 'active'))?.lastPulledAt).toEqual(at);
    expect((await stores.inventory.getTag(REPO, 'scanned'))?.lastPulledAt).toBeNull();
  });
});

describe('a quarantine', () => {
  it('is known to the gateway without being told, and by whatever way it is asked', async () => {
    const { index, child } = await push('bad');
    const other = await push('good');

    await quarantine(child);
    await eventually(async () => (await statusOf(child)) === 403);

    expect(await statusOf(index)).toBe(403);
    expect(await statusOf('bad')).toBe(403);
    expect(await statusOf('bad', { method: 'HEAD' })).toBe(403);
    expect(await statusOf('bad', { headers: { 'if-none-match': `"${index}"` } })).toBe(403);
    expect((await call(pusher, `/v2/${REPO}/blobs/${child}`)).status).toBe(403);
    expect(await statusOf('good')).toBe(200);
    expect(await statusOf(other.child)).toBe(200);
    expect(await (await get('bad')).text()).toContain('CVE-2026-1234');
  });

  it('of an index is one of its manifests', async () => {
    const { index, child } = await push('bad-index');

    await quarantine(index);
    await eventually(async () => (await statusOf(index)) === 403);

    expect(await statusOf(child)).toBe(403);
  });

  it('is found in an index that went around the gateway', async () => {
    const { child } = await push('known');
    await quarantine(child);
    await eventually(async () => (await statusOf(child)) === 403);
    const manifests = [
      { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: child, size: 1 },
    ];
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const annotations = { around: 'the gateway' };
    const put = await fetch(`${registry.url}/v2/${REPO}/manifests/around`, {
      method: 'PUT',
      headers: { 'content-type': mediaType },
      body: JSON.stringify({ schemaVersion: 2, mediaType, manifests, annotations }),
    });

    expect(put.status).toBe(201);
    expect(await statusOf('around')).toBe(403);
    expect(await statusOf('around', { method: 'HEAD' })).toBe(403);
  });

  it('hides tags, page by page', async () => {
    const before = (await listTags()).tags;
    const { child } = await push('page-b');
    await push('page-a');
    await push('page-c');
    await quarantine(child);
    await eventually(async () => (await statusOf(child)) === 403);

    const seen: string[] = [];
    let query: string | undefined = '?n=1';
    while (query !== undefined) {
      const { tags, link } = await listTags(query);
      seen.push(...tags);
      query = link === null ? undefined : /(\?[^>]*)>/.exec(link)?.[1];
    }

    expect(seen).toEqual([...before, 'page-a', 'page-c'].sort());
    expect((await listTags()).tags).toEqual(seen);
  });

  it('ends when it is released', async () => {
    const { child } = await push('released');
    await quarantine(child);
    await eventually(async () => (await statusOf('released')) === 403);

    await stores.quarantine.lift(child, 'erin', 'the finding was wrong', new Date().toISOString());
    await eventually(async () => (await statusOf('released')) === 200);

    expect(await statusOf(child)).toBe(200);
  });

  it('leaves an event of each pull that it refused', async () => {
    const { index, child } = await push('noted');
    await quarantine(child);
    await eventually(async () => (await statusOf(index)) === 403);

    await get('noted');
    await closeGateway();

    const [event] = await stores.inventory.listEvents({ kind: 'pull-blocked', limit: 1 });
    expect(event).toMatchObject({
      repository: REPO,
      reference: 'noted',
      actor: 'pusher',
      detail: { outcome: 'refused', digest: index, cause: child, cves: ['CVE-2026-1234'] },
    });
  });

  it('stands in the way of a release of what holds it, and of what it holds', async () => {
    const first = await push('held');
    const second = await push('holder');
    const free = await push('free');

    await quarantine(first.child);
    await quarantine(second.index);

    expect(await ledger.isQuarantined(first.index)).toBe(true);
    expect(await ledger.isQuarantined(second.child)).toBe(true);
    expect(await ledger.isQuarantined(free.index)).toBe(false);
    await stores.quarantine.lift(first.child, 'erin', 'wrong', new Date().toISOString());
    expect(await ledger.isQuarantined(first.index)).toBe(false);
  });
});

describe('the command line', () => {
  it('quarantines, shows, closes pushes and releases, on the gateway that clients speak to', async () => {
    const { index, child } = await push('by-hand');
    const { inventory, quarantine: quarantines, state } = stores;
    const real = { inventory, quarantine: quarantines, gatewayState: state, ledger };
    const api = await createTestApi({ ...real, now: () => new Date() });
    const plura = (...args: string[]): Promise<CliRun> =>
      runPlura(api, ['reg', ...args], { as: 'erin', roles: ['viewer', 'security', 'operator'] });

    const added = await plura('quarantine', 'add', child, '--reason', 'x', '--cve', 'CVE-2026-1');
    await eventually(async () => (await statusOf('by-hand')) === 403);
    const shown = await plura('tags', 'show', `${REPO}:by-hand`, '--json');
    const closed = await plura('maintenance', 'on', '--reason', 'reclaiming', '--for', '1h');
    await eventually(async () => {
      const upload = await call(pusher, `/v2/${REPO}/blobs/uploads/`, { method: 'POST' });
      return upload.status === 503;
    });
    const released = await plura('quarantine', 'release', child, '--reason', 'wrong');
    await eventually(async () => (await statusOf('by-hand')) === 200);
    const events = await plura('events', '--kind', 'pull-blocked', '--json');
    await api.app.close();

    expect(added.stdout).toContain(`${REPO}  ${index.slice(7, 19)}`);
    expect(JSON.parse(shown.stdout)).toMatchObject({ digest: index, block: { cause: child } });
    expect(closed.stdout).toContain('Pushes are closed until');
    expect(released.exit).toBe(0);
    const [latest] = (JSON.parse(events.stdout) as { readonly events: readonly unknown[] }).events;
    const detail = { outcome: 'refused', cause: child, cves: ['CVE-2026-1'] };
    expect(latest).toMatchObject({ reference: 'by-hand', actor: 'pusher', detail });
  });
});
