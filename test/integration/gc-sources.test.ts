import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { importInventory, type ImportedRepository } from '../../activities/import-inventory';
import { createCatalogInventorySource } from '../../src/adapters/oci/catalog-inventory';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createOciRegistryCatalog } from '../../src/adapters/oci/registry-catalog';
import { createPostgresInventorySource } from '../../src/adapters/postgres/gc-inventory';
import { createPostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import { createDistributionLayoutSource } from '../../src/adapters/storage/distribution-layout';
import { createOciLayoutSource } from '../../src/adapters/storage/oci-layout';
import { GraphBuilder } from '../../src/domain/gc/builder';
import type { GcGraph } from '../../src/domain/gc/graph';
import { planGc } from '../../src/domain/gc/make-plan';
import { writeDistribution, writeOciLayouts } from '../bench/gc-disk';
import { writeRows } from '../bench/gc-rows';
import {
  describeInventorySource,
  describeStepwise,
  smallStore,
  tellStore,
} from '../support/contracts/inventory-source';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { recordingSink } from '../support/recording-sink';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';

const NEVER = new AbortController().signal;
const FIRST = 'apps/svc-000000/app';

let folder: string;
let postgres: PostgresServer;
let registry: RegistryServer;
let folders = 0;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plura-gc-sources-'));
  [postgres, registry] = await Promise.all([startPostgres(), startRegistry()]);
}, 60_000);

afterAll(async () => {
  await Promise.all([postgres.stop(), registry.stop(), rm(folder, { recursive: true })]);
});

const newFolder = (): string => path.join(folder, String(++folders));

const openRows = async (
  store: ReturnType<typeof smallStore>,
): Promise<{ readonly connectionString: string }> => {
  const connectionString = await postgres.freshDatabase();
  await writeRows(connectionString, store, { indexes: true });
  return { connectionString };
};

describeInventorySource('the record in Postgres', {
  open: async (store) => createPostgresInventorySource(await openRows(store)),
  knows: { tagTimes: true, pulls: true },
});

const openDistribution: Parameters<typeof describeStepwise>[1] = (store) => {
  const storageDir = newFolder();
  writeDistribution(storageDir, store);
  return Promise.resolve(createDistributionLayoutSource(storageDir));
};
describeInventorySource('the folder of distribution', {
  open: openDistribution,
  knows: { tagTimes: true, pulls: false },
});
describeStepwise('the folder of distribution', openDistribution);

const openLayouts: Parameters<typeof describeStepwise>[1] = (store) => {
  const root = newFolder();
  writeOciLayouts(root, store);
  return Promise.resolve(createOciLayoutSource(root));
};
describeInventorySource('a folder of OCI layouts', {
  open: openLayouts,
  knows: { tagTimes: false, pulls: false },
});
describeStepwise('a folder of OCI layouts', openLayouts);

it('makes the same plan by numbers out of Postgres as of the store itself', async () => {
  const nowMs = Date.parse('2026-11-30T08:00:00Z');
  const source = createPostgresInventorySource(await openRows(smallStore()));
  const [read, made] = [new GraphBuilder(), new GraphBuilder()];
  const plan = (builder: GraphBuilder): ReturnType<typeof planGc> =>
    planGc({
      ...{ graph: builder.build(), nowMs, eventGapMs: 0, repository: null, policyHash: 'p' },
      ...{ policy: { registry: { open: [] } }, facts: { roots: [], reaches: [], missing: [] } },
      sha256: () => '0'.repeat(64),
    });

  await source.read(read, NEVER);
  tellStore(smallStore(), made, { tagTimes: true, pulls: true });

  const planned = plan(read);
  expect(planned.items.length).toBeGreaterThan(20);
  expect(planned).toEqual(plan(made));
});

it('says until when the gateway recorded all, and when the registry was last walked', async () => {
  const { connectionString } = await openRows(smallStore());
  const source = createPostgresInventorySource({ connectionString });
  const stores = createPostgresRegistryStores({ connectionString });
  const [deletedAt, walkedAt] = ['2026-12-01T08:00:00.000Z', '2026-12-01T09:00:00.000Z'];
  const heardAt = '2026-12-01T10:00:00.000Z';

  const before = await source.read(recordingSink(), NEVER);
  await stores.inventory.recordTagDelete(FIRST, 'gone', 'ana', deletedAt);
  const [tag] = await stores.inventory.listTags(FIRST, { limit: 1 });
  await stores.inventory.recordTagDelete(FIRST, tag?.tag ?? '', 'ana', deletedAt);
  await stores.inventory.recordWalk(walkedAt);
  await stores.inventory.recordWalk('2026-11-01T09:00:00.000Z');
  const after = await source.read(recordingSink(), NEVER);
  await stores.inventory.recordHeard(heardAt);
  await stores.inventory.recordHeard(deletedAt);
  const quiet = await source.read(recordingSink(), NEVER);
  await stores.close();

  // The youngest image was pushed two days before.
  expect(before.lastRecordedAtMs).toBeGreaterThan(Date.parse('2026-11-27T00:00:00Z'));
  expect(before.lastRecordedAtMs).toBeLessThan(Date.parse('2026-11-29T00:00:00Z'));
  expect(before.lastReconciledAtMs).toBeNull();
  expect(after.lastRecordedAtMs).toBe(Date.parse(deletedAt));
  expect(after.lastReconciledAtMs).toBe(Date.parse(walkedAt));
  expect(quiet.lastRecordedAtMs).toBe(Date.parse(heardAt));
});

it('counts no blob that a reclaim took, and what manifests name all the same', async () => {
  const { connectionString } = await openRows(smallStore());
  const source = createPostgresInventorySource({ connectionString });
  const counts = async (): Promise<GcGraph['counts']> => {
    const builder = new GraphBuilder();
    await source.read(builder, NEVER);
    return builder.build().counts;
  };

  const before = await counts();
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(
    `INSERT INTO gc_reclaims (id, state, planned_bytes, started_at, closed_at, ended_at)
     VALUES ('gc-reclaim', 'done', 0, now(), now() + interval '1 day', now() + interval '1 day')`,
  );
  await client.end();
  const after = await counts();

  expect(before.orphanBlobs).toBeGreaterThan(0);
  expect(after).toMatchObject({ orphanBlobs: 0, orphanBytes: 0, manifests: before.manifests });
  expect(after.blobs).toBe(before.blobs - before.orphanBlobs);
});

it('says that the ledger is away', async () => {
  const source = createPostgresInventorySource({
    connectionString: 'postgres://nobody:none@127.0.0.1:1/none',
  });

  await expect(source.read(recordingSink(), NEVER)).rejects.toMatchObject({
    code: 'LEDGER_UNAVAILABLE',
  });
});

it('does not wait for a Postgres that died while it told', async () => {
  const mortal = await startPostgres();
  try {
    const connectionString = await mortal.freshDatabase();
    const client = new Client({ connectionString });
    await client.connect();
    // More than what the sockets hold.
    await client.query(
      `INSERT INTO manifests (repository, digest, media_type, size, pending, pushed_by, pushed_at)
       SELECT 'apps/a/a', 'sha256:' || md5(n::text) || md5(n::text), 'x', 1, false, 'ana', now()
       FROM generate_series(1, 100000) n`,
    );
    await client.end();
    const source = createPostgresInventorySource({ connectionString });
    let crashed: Promise<void> | null = null;
    const sink = {
      ...recordingSink(),
      manifest: () => {
        crashed ??= mortal.crash();
      },
    };

    await expect(source.read(sink, NEVER)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  } finally {
    await mortal.stop();
  }
}, 60_000);

describe('a registry that was really pushed to', () => {
  const repository = 'apps/pushed/app';

  async function push(): Promise<readonly [string, string]> {
    const index = await pushTestImage(registry.url, { repository, provenance: { builder: 'x' } });
    const untagged = await pushTestImage(registry.url, { repository, labels: { n: '2' } });
    const catalog = createOciRegistryCatalog({ url: registry.url, requestsPerSecond: 1000 });
    await catalog.putTag({ repository, digest: index }, '1.0.0_abcdef1');
    const oci = createOciRegistry({ url: registry.url });
    await oci.attach({
      subject: { repository, digest: index },
      ...{ artifactType: 'application/test', mediaType: 'text/plain' },
      ...{ payload: Buffer.from('a note'), annotations: {} },
    });
    return [index, untagged];
  }

  it('is seen whole on its disk, and from its tags down over HTTP', async () => {
    const [index, untagged] = await push();
    const disk = recordingSink();
    const http = recordingSink();
    const withoutTimes = (line: string): string => line.replaceAll(/AtMs":\d+/g, 'AtMs":null');
    const catalog = createOciRegistryCatalog({ url: registry.url, requestsPerSecond: 1000 });

    await createDistributionLayoutSource(registry.storageDir).read(disk, NEVER);
    const facts = await createCatalogInventorySource({
      catalog,
      registry: createOciRegistry({ url: registry.url }),
    }).read(http, NEVER);

    expect(disk.gaps).toEqual([]);
    const onDisk = disk.lines().map(withoutTimes);
    const manifests = onDisk.filter((line) => line.startsWith('manifest '));
    // Index, image, attestation, the untagged one, what is attached and the fallback index of it.
    expect(manifests).toHaveLength(6);
    expect(manifests.some((line) => line.includes(`"subject":"${index}"`))).toBe(true);
    const seen = new Set(http.lines());
    const missed = onDisk.filter((line) => !seen.has(line));
    expect(missed.filter((line) => !line.includes(untagged))).toEqual(
      // The config that the untagged image alone has.
      missed.filter((line) => line.startsWith('blob ')),
    );
    expect(http.gaps).toEqual([
      { repository, digest: null, reason: expect.stringContaining('without a tag') as string },
    ]);
    expect(facts.counts.unknown).toBe(1);
  });

  it('is imported whole into the record, once, and goes on where it was stopped', async () => {
    const connectionString = await postgres.freshDatabase();
    const stores = createPostgresRegistryStores({ connectionString });
    const catalog = createOciRegistryCatalog({ url: registry.url, requestsPerSecond: 1000 });
    const source = createDistributionLayoutSource(registry.storageDir);
    const deps = { catalog, source, inventory: stores.inventory, now: () => new Date() };
    const [disk, record] = [recordingSink(), recordingSink()];
    const told: ImportedRepository[] = [];
    const tell = (one: ImportedRepository): void => void told.push(one);
    const withoutTimes = (line: string): string => line.replaceAll(/AtMs":\d+/g, 'AtMs":null');

    await source.read(disk, NEVER);
    await importInventory(deps, NEVER, {}, tell);
    await importInventory(deps, NEVER, {}, tell);
    await importInventory(deps, NEVER, { after: 'zzz' }, tell);
    await createPostgresInventorySource({ connectionString }).read(record, NEVER);
    await stores.close();

    expect(told).toEqual([
      { repository, tags: 2, manifests: 6, faults: [] },
      { repository, tags: 0, manifests: 0, faults: [] },
    ]);
    expect(record.lines().map(withoutTimes)).toEqual(disk.lines().map(withoutTimes));
  });

  it('is as young as its last push, of the same bytes too', async () => {
    const again = 'apps/again/app';
    const digest = await pushTestImage(registry.url, { repository: again });
    const catalog = createOciRegistryCatalog({ url: registry.url, requestsPerSecond: 1000 });
    await catalog.putTag({ repository: again, digest }, '1.0.0_abcdef1');
    const manifests = path.join(
      ...[registry.storageDir, 'docker/registry/v2/repositories', again, '_manifests'],
    );
    for (const link of [
      `revisions/sha256/${digest.slice(7)}/link`,
      'tags/1.0.0_abcdef1/current/link',
    ]) {
      await utimes(path.join(manifests, link), 1000, 1000);
    }
    const source = createDistributionLayoutSource(registry.storageDir);
    const [old, young] = [recordingSink(), recordingSink()];
    const rows = (sink: ReturnType<typeof recordingSink>): readonly string[] =>
      sink.lines().filter((line) => /^(?:tag|manifest)/.test(line) && line.includes(again));

    await source.read(old, NEVER);
    await catalog.putTag({ repository: again, digest }, '1.0.0_abcdef1');
    await source.read(young, NEVER);

    expect(rows(old)).toHaveLength(2);
    expect(rows(old).every((line) => line.includes('"pushedAtMs":1000000'))).toBe(true);
    expect(rows(young)).toHaveLength(2);
    expect(rows(young).some((line) => line.includes('"pushedAtMs":1000000'))).toBe(false);
  });
});

it('a store that was written to disk is one that the registry serves', async () => {
  const served = await startRegistry();
  try {
    writeDistribution(served.storageDir, smallStore());
    const catalog = createOciRegistryCatalog({ url: served.url, requestsPerSecond: 2000 });
    const told = recordingSink();
    const made = recordingSink();
    tellStore(smallStore(), made, { tagTimes: false, pulls: false });

    await createCatalogInventorySource({ catalog }).read(told, NEVER);

    const tagsOf = (lines: readonly string[]): readonly string[] =>
      lines.filter((line) => line.startsWith('tag '));
    expect(tagsOf(told.lines())).toEqual(tagsOf(made.lines()));
    expect(told.lines().length).toBeGreaterThan(500);
  } finally {
    await served.stop();
  }
}, 60_000);
