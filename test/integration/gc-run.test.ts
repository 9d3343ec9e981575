import { createGcRunActivities, type GcSliceResult } from '../../activities/gc-run';
import { createRestoreActivities } from '../../activities/gc-restore';
import type { GcRestoreResult } from '../../src/contract/gc-run-messages';
import type { Digest } from '../../src/domain/digest';
import { runActivity } from '../support/activity-env';
import { LABELS } from '../support/fuzz/artifact';
import {
  manifestItem,
  openGcWorld,
  planOf,
  tagItem,
  type Doomed,
  type GcWorld,
} from '../support/gc-world';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { call, pushImage } from '../support/registry-push';
import { startRegistry, type RegistryServer } from '../support/registry-server';

jest.setTimeout(120_000);

const APP = 'apps/shop/shop';
const DAY_MS = 86_400_000;

let postgres: PostgresServer;
let backend: RegistryServer;
let world: GcWorld;
let versions = 0;

beforeAll(async () => {
  [postgres, backend] = await Promise.all([startPostgres(), startRegistry()]);
  world = await openGcWorld(postgres, backend);
});

afterAll(async () => {
  await world.close();
  await Promise.all([backend.stop(), postgres.stop()]);
});

interface Pushed {
  readonly tag: string;
  readonly digest: Digest;
  /** Of an index: its children. */
  readonly children: readonly Digest[];
}

/** Ten days old, unlike any other. */
async function pushOld(index = false): Promise<Pushed> {
  versions += 1;
  const tag = `1.${versions}.0_abcdef123456`;
  const layers = [Buffer.from(`layer ${versions}`)];
  const image = await pushImage(
    world.access,
    { repository: APP, labels: LABELS, user: `${versions}`, layers, index },
    tag,
  );
  await world.age(10 * DAY_MS);
  const { rows } = await world.stores.client.query<{ child: Digest }>(
    `SELECT child FROM manifest_edges WHERE parent = $1 AND kind = 'child'`,
    [image.digest],
  );
  return { tag, digest: image.digest, children: rows.map(({ child }) => child) };
}

async function execute(doomed: readonly Doomed[], madeAt?: string): Promise<GcSliceResult> {
  const plan = planOf(doomed, madeAt);
  await world.deps.gcPlans.savePlan(plan, 'test');
  const activities = createGcRunActivities(world.deps);
  await runActivity(activities, 'beginGcPlan', { planId: plan.id, runId: `run ${plan.id}` });
  const settings = { sliceSize: 50, requestsPerSecond: 1000, slackMs: 0, patienceMs: 1000 };
  const input = { planId: plan.id, from: 0, settings };
  const result = await runActivity(activities, 'executeGcSlice', input);
  await runActivity(activities, 'endGcPlan', { planId: plan.id, state: 'done' });
  return result;
}

const whole = ({ tag, digest, children }: Pushed): readonly Doomed[] => [
  tagItem(APP, tag, digest),
  manifestItem(APP, digest),
  ...children.map((child) => manifestItem(APP, child)),
];

const statusOf = async (reference: string): Promise<number> =>
  (await call(world.access, `/v2/${APP}/manifests/${reference}`)).status;

async function restore(digest: Digest): Promise<GcRestoreResult> {
  const activities = createRestoreActivities(world.deps);
  return runActivity(activities, 'restoreManifest', { repository: APP, digest, by: 'rita' });
}

describe('a plan executed', () => {
  it('deletes tag, index and children, and forgets them', async () => {
    const old = await pushOld(true);

    const { counts, next, skips } = await execute(whole(old));

    expect({ counts, next, skips }).toEqual({
      counts: { deleted: 3, skipped: 0, failed: 0, bytes: 30 },
      next: null,
      skips: {},
    });
    expect(await statusOf(old.tag)).toBe(404);
    expect(await world.deps.catalog.describe(APP, old.digest)).toBeNull();
    expect(await world.stores.inventory.getManifest(APP, old.digest)).toBeNull();
  });

  it('keeps what was pulled since the plan was made, and so all that it needs', async () => {
    const old = await pushOld(true);
    const madeAt = new Date().toISOString();
    expect(await statusOf(old.tag)).toBe(200);
    await world.stores.inventory.recordActivity([
      { repository: APP, tag: old.tag, digest: old.digest, at: new Date().toISOString() },
    ]);

    const { counts, skips } = await execute(whole(old), madeAt);

    expect(counts).toMatchObject({ deleted: 0, skipped: 3 });
    expect(skips).toEqual({ pulled: 1, tagged: 1, 'in-index': 1 });
    expect(await statusOf(old.tag)).toBe(200);
  });

  it('keeps what a pusher was told to be there, without waiting for anything to be written', async () => {
    const old = await pushOld();
    const madeAt = new Date().toISOString();
    const head = await call(world.access, `/v2/${APP}/manifests/${old.digest}`, { method: 'HEAD' });

    const { skips } = await execute(whole(old), madeAt);

    expect(head.status).toBe(200);
    expect(skips).toEqual({ pulled: 1, tagged: 1 });
  });

  it('keeps what was pushed again, or had something attached since', async () => {
    const [again, signed] = [await pushOld(), await pushOld()];
    const madeAt = new Date().toISOString();
    await world.system.putTag({ repository: APP, digest: again.digest }, again.tag);
    await world.system.attach({
      subject: { repository: APP, digest: signed.digest },
      artifactType: 'application/vnd.test+json',
      mediaType: 'application/vnd.test+json',
      payload: Buffer.from('{}'),
      annotations: {},
    });

    const { counts } = await execute([...whole(again), ...whole(signed)], madeAt);

    expect(counts).toMatchObject({ deleted: 0, skipped: 4 });
  });

  it('deletes nothing that the gateway keeps, whatever the worker found', async () => {
    const old = await pushOld();
    const { digest, tag } = old;
    const at = new Date().toISOString();
    await world.stores.allowList.addHold({
      ...{ id: digest.slice(7, 23), digest, repository: APP },
      ...{ reason: 'incident 12', by: 'ana', at, until: null },
    });

    const { counts, skips } = await execute(whole(old));

    expect(counts.deleted).toBe(0);
    expect(Object.keys(skips)).toContain('held');
    expect(await statusOf(tag)).toBe(200);
  });

  it('finds what an attempt before deleted, and tells it as deleted', async () => {
    const old = await pushOld();
    const madeAt = new Date().toISOString();
    const plan = planOf(whole(old), madeAt);
    await world.deps.gcPlans.savePlan(plan, 'test');
    const activities = createGcRunActivities({
      ...world.deps,
      gcPlans: {
        ...world.deps.gcPlans,
        settleItems: () => Promise.reject(new Error('the worker dies here')),
      },
    });
    await runActivity(activities, 'beginGcPlan', { planId: plan.id, runId: 'first' });
    const settings = { sliceSize: 50, requestsPerSecond: 1000, slackMs: 0, patienceMs: 1000 };
    const input = { planId: plan.id, from: 0, settings };
    await expect(runActivity(activities, 'executeGcSlice', input)).rejects.toThrow('dies here');

    const healthy = createGcRunActivities(world.deps);
    const { counts } = await runActivity(healthy, 'executeGcSlice', input);
    await runActivity(healthy, 'endGcPlan', { planId: plan.id, state: 'done' });

    expect(counts).toMatchObject({ deleted: 2, skipped: 0 });
  });
});

describe('a restore', () => {
  it('puts back an index with its children, its tag and what was attached', async () => {
    const old = await pushOld(true);
    const evidence = await world.system.attach({
      subject: { repository: APP, digest: old.digest },
      artifactType: 'application/vnd.test+json',
      mediaType: 'application/vnd.test+json',
      payload: Buffer.from('{"signed":true}'),
      annotations: {},
    });
    await world.age(10 * DAY_MS);
    const list = old.digest.replace(':', '-');
    const listed = await world.system.resolve(APP, list);
    await execute([
      tagItem(APP, list, listed?.digest ?? old.digest),
      ...whole(old),
      ...(listed ? [manifestItem(APP, listed.digest)] : []),
      manifestItem(APP, evidence.digest),
    ]);
    expect(await statusOf(old.tag)).toBe(404);
    expect(await statusOf(evidence.digest)).toBe(404);

    const restored = await restore(old.digest);

    expect([...restored.restored].sort()).toEqual(
      [...old.children, old.digest, evidence.digest].sort(),
    );
    expect(restored).toMatchObject({ tags: [old.tag], tagsTaken: [] });
    expect(await statusOf(old.tag)).toBe(200);
    expect(await world.system.findMissing({ repository: APP, digest: old.digest })).toEqual([]);
    const attached = await world.system.listReferrers({ repository: APP, digest: old.digest });
    expect(attached.map(({ digest }) => digest)).toEqual([evidence.digest]);
  });

  it('says that there is nothing to put back', async () => {
    const old = await pushOld();

    await expect(restore(old.digest)).rejects.toMatchObject({ code: 'TOMBSTONE_NOT_FOUND' });
  });
});
