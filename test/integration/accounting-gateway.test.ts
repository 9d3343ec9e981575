import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { placesOf } from '../../src/domain/accounting/places';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { call, pushBlob, pushImage, type RegistryAccess } from '../support/registry-push';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { openStores, type OpenStores } from '../support/registry-stores';

jest.setTimeout(60_000);

let postgres: PostgresServer;
let registry: RegistryServer;
let stores: OpenStores;
let gateway: GatewayServer;
let access: RegistryAccess;

beforeAll(async () => {
  postgres = await startPostgres();
  registry = await startRegistry();
  stores = await openStores(await postgres.freshDatabase());
  const { inventory } = stores;
  gateway = await startGateway({
    ...{ backendUrl: registry.url, inventory, policy: { open: ['scratch'] } },
  });
  access = { url: gateway.url, basic: gateway.basic('pusher') };
});

afterAll(async () => {
  await gateway.close();
  await stores.close();
  await registry.stop();
  await postgres.stop();
});

/** Bytes of every file `data` below the registry's blobs. */
async function bytesOnDisk(): Promise<number> {
  const root = join(registry.storageDir, 'docker/registry/v2/blobs');
  const files = await readdir(root, { recursive: true });
  const sizes = files
    .filter((file) => file.endsWith('/data'))
    .map(async (file) => (await stat(join(root, file))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function count() {
  const { storageSamples: samples } = stores;
  const places = placesOf(await samples.repositories(), [{ svc: 'shop', team: 'front' }]);
  const at = new Date().toISOString();
  const { day, totals } = await samples.take({ day: at.slice(0, 10), at, places });
  const groups = await samples.groups(day, { by: 'repository', limit: 100 });
  return { totals, groups };
}

describe('what was pushed through the gateway', () => {
  const base = Buffer.alloc(70_000, 'base');

  it('is counted as the bytes that lie on the disk', async () => {
    for (const [repository, name] of [
      ['scratch/one', 'one'],
      ['scratch/two', 'two'],
      ['scratch/three', 'three'],
    ] as const) {
      const layers = [base, Buffer.alloc(1000, name)];
      await pushImage(access, { repository, layers, env: [`NAME=${name}`] }, 'v1');
    }
    await pushImage(access, { repository: 'scratch/one', index: true, layers: [base] }, 'v2');
    // The same bytes again, and a blob that no manifest names.
    await pushImage(access, { repository: 'scratch/four', layers: [base], index: true }, 'v2');
    await pushBlob(access, 'scratch/four', Buffer.alloc(333, 'left over'));

    const { totals, groups } = await count();

    expect(totals.storageBytes).toBe(await bytesOnDisk());
    expect(totals).toMatchObject({ repositories: 4, images: { '-': 4, dev: 0, stg: 0, prod: 0 } });
    expect(totals.logicalBytes).toBeGreaterThan(5 * base.length);
    const one = groups.find(({ name }) => name === 'scratch/one');
    expect(one?.sharedBytes).toBeGreaterThanOrEqual(base.length);
    expect(one?.uniqueBytes).toBeLessThan(base.length);
  });

  it('is still counted as stored once it is deleted: its blobs lie there until they are reclaimed', async () => {
    const before = await count();
    const { digest } = await pushImage(
      access,
      { repository: 'scratch/gone', layers: [Buffer.alloc(5000, 'gone')] },
      'v1',
    );
    const pushed = await count();

    const path = `/v2/scratch/gone/manifests/${digest}`;
    expect((await call(access, path, { method: 'DELETE' })).status).toBe(202);
    const deleted = await count();

    expect(deleted.totals.logicalBytes).toBe(before.totals.logicalBytes);
    expect(deleted.totals.storageBytes).toBeGreaterThan(before.totals.storageBytes + 5000);
    expect(deleted.totals.storageBytes).toBeLessThan(pushed.totals.storageBytes);
  });
});
