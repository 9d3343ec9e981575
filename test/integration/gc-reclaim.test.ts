import { createReclaimActivities, type ReclaimStorageResult } from '../../activities/gc-reclaim';
import { createRestoreActivities } from '../../activities/gc-restore';
import { createCommandCollector } from '../../src/adapters/collector/command-collector';
import { sha256 } from '../../src/adapters/oci/schema';
import type { Digest } from '../../src/domain/digest';
import type { Reclaimer } from '../../src/ports/reclaimer';
import { runActivity } from '../support/activity-env';
import { buildTestImage } from '../support/fakes/registry-image';
import { openGcWorld, SCRATCH, type GcWorld } from '../support/gc-world';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { call, pushBlob, pushImage, putManifest } from '../support/registry-push';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { toolPath } from '../support/tools';
import { eventually } from '../support/workflow-env';

jest.setTimeout(120_000);

const REPOSITORY = `${SCRATCH}/team/tool`;
const OTHER = `${SCRATCH}/another`;
const SETTINGS = { drainMs: 200, settleMs: 200, collectorMs: 20_000, leaseMs: 86_400_000 };

let postgres: PostgresServer;
let backend: RegistryServer;
let world: GcWorld;
let count = 0;

beforeAll(async () => {
  [postgres, backend] = await Promise.all([startPostgres(), startRegistry()]);
  world = await openGcWorld(postgres, backend);
});

afterAll(async () => {
  await world.close();
  await Promise.all([backend.stop(), postgres.stop()]);
});

const realCollector = (): Reclaimer =>
  createCommandCollector({
    command: [toolPath('registry'), 'garbage-collect', backend.configFile],
    storageDir: backend.storageDir,
  });

async function reclaim(
  reclaimer: Reclaimer = realCollector(),
  over: Partial<typeof SETTINGS> = {},
): Promise<ReclaimStorageResult> {
  count += 1;
  const activities = createReclaimActivities({ ...world.deps, reclaimer });
  const input = { id: `reclaim ${count}`, settings: { ...SETTINGS, ...over } };
  return runActivity(activities, 'reclaimStorage', input);
}

const layerOf = (text: string): Buffer => Buffer.from(text.padEnd(5000, '.'));
const statusOf = async (path: string, method = 'GET'): Promise<number> =>
  (await call(world.access, `/v2/${path}`, { method })).status;
const open = async (repository: string): Promise<number> =>
  statusOf(`${repository}/blobs/uploads/`, 'POST');

/** Gateways hear of it a moment later. */
const pushesOpen = (): Promise<void> =>
  eventually(async () => {
    expect(await open(REPOSITORY)).toBe(202);
  });

async function pushed(seed: string, tag: string): Promise<Digest> {
  const input = { repository: REPOSITORY, user: seed, layers: [layerOf(seed)] };
  return (await pushImage(world.access, input, tag)).digest;
}

describe('a reclaim', () => {
  it('takes back what was deleted, and nothing that pushers were told of', async () => {
    const kept = await pushed('kept', 'kept');
    const gone = await pushed('gone', 'gone');
    const late = buildTestImage({
      repository: REPOSITORY,
      user: 'late',
      layers: [layerOf('late')],
    });
    for (const blob of late.blobs) await pushBlob(world.access, REPOSITORY, blob);
    // A mount and a look, of blobs that lose their manifest here.
    const mounted = sha256(layerOf('gone'));
    const mount = `${OTHER}/blobs/uploads/?mount=${mounted}&from=${REPOSITORY}`;
    expect(await statusOf(mount, 'POST')).toBe(201);
    await world.deps.retention.deleteManifest({ repository: REPOSITORY, digest: gone });

    const result = await reclaim();

    expect(result).toMatchObject({ outcome: 'done', leasedBlobs: 5 });
    await pushesOpen();
    for (const one of late.manifests) {
      expect((await putManifest(world.access, REPOSITORY, 'late', one)).status).toBe(201);
    }
    expect(await statusOf(`${OTHER}/blobs/${mounted}`)).toBe(200);
    expect(await world.system.findMissing({ repository: REPOSITORY, digest: kept })).toEqual([]);
    await pushesOpen();
    const [recorded] = await world.stores.reclaims.list(1);
    expect(recorded).toMatchObject({ state: 'done', leaseManifests: [] });
  });

  it('takes the rest when its lease is over, and then nothing can be put back', async () => {
    const gone = await pushed('buried', 'buried');
    const { bytes, mediaType } = await world.deps.catalog.getManifest({
      repository: REPOSITORY,
      digest: gone,
    });
    const deletedAt = new Date().toISOString();
    await world.deps.tombstones.bury({
      ...{ repository: REPOSITORY, digest: gone, bytes, mediaType },
      ...{ tags: ['buried'], planId: 'gc-0', deletedAt },
    });
    await world.deps.retention.deleteManifest({ repository: REPOSITORY, digest: gone });

    const result = await reclaim(realCollector(), { leaseMs: 0 });

    expect(result).toMatchObject({ outcome: 'done', leasedBlobs: 0, reclaimedTombstones: 1 });
    expect(result.beforeBytes ?? 0).toBeGreaterThan(result.afterBytes ?? 0);
    expect(await statusOf(`${REPOSITORY}/blobs/${sha256(layerOf('buried'))}`)).toBe(404);
    const activities = createRestoreActivities(world.deps);
    const input = { repository: REPOSITORY, digest: gone, by: 'rita' };
    await expect(runActivity(activities, 'restoreManifest', input)).rejects.toMatchObject({
      code: 'TOMBSTONE_NOT_FOUND',
    });
    await pushesOpen();
  });

  it('lets nothing be written while the collector runs; pulls go on', async () => {
    const digest = await pushed('pulled', 'pulled');
    const upload = await call(world.access, `/v2/${REPOSITORY}/blobs/uploads/`, { method: 'POST' });
    const location = upload.headers.get('location') ?? '';
    const loose = layerOf('loose');
    await pushBlob(world.access, REPOSITORY, loose);
    const seen: Record<string, number> = {};
    const looking: Reclaimer = {
      kind: 'offline',
      measure: () => Promise.resolve(null),
      stop: () => Promise.resolve(),
      collect: async () => {
        const blob = layerOf('commit');
        const end = `${location}${location.includes('?') ? '&' : '?'}digest=${sha256(blob)}`;
        const { pathname, search } = new URL(end, world.access.url);
        const commit = await call(world.access, pathname + search, {
          method: 'PUT',
          body: new Uint8Array(blob),
        });
        seen['commit'] = commit.status;
        seen['begin'] = await open(REPOSITORY);
        seen['look'] = await statusOf(`${REPOSITORY}/blobs/${sha256(loose)}`, 'HEAD');
        seen['named'] = await statusOf(`${REPOSITORY}/blobs/${sha256(layerOf('pulled'))}`, 'HEAD');
        seen['rollback'] = await world.system
          .putTag({ repository: REPOSITORY, digest }, 'back')
          .then(
            () => 201,
            () => 503,
          );
        seen['pull'] = await statusOf(`${REPOSITORY}/blobs/${sha256(layerOf('pulled'))}`);
        seen['manifest'] = await statusOf(`${REPOSITORY}/manifests/pulled`);
        const image = { repository: REPOSITORY, digest };
        seen['delete'] = await world.deps.retention.deleteManifest(image).then(
          () => 202,
          () => 503,
        );
        return { blobs: 0 };
      },
    };

    await reclaim(looking);

    expect(seen).toEqual({
      ...{ commit: 503, begin: 503, look: 503, delete: 503 },
      ...{ pull: 200, manifest: 200, named: 200, rollback: 201 },
    });
    await pushesOpen();
  });

  it('opens again when the collector fails', async () => {
    const failing = createCommandCollector({ command: ['false'] });

    await expect(reclaim(failing)).rejects.toMatchObject({ code: 'COLLECTOR_FAILED' });

    await pushesOpen();
  });

  it('leaves a registry closed that somebody else has closed', async () => {
    const since = new Date().toISOString();
    const mode = { reason: 'moving house', by: 'olga', since, until: null };
    await world.stores.state.setMode({ ...mode, pushes: 'closed' });

    const result = await reclaim();

    expect(result).toMatchObject({ outcome: 'closed-by-another' });
    expect((await world.stores.state.read({ parents: false, children: false })).mode).toMatchObject(
      {
        pushes: 'closed',
        by: 'olga',
      },
    );
    await world.stores.state.setMode({ ...mode, pushes: 'open' });
  });
});
