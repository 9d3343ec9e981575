import type { MockActivityEnvironment } from '@temporalio/testing';
import { createWormActivities, type WormActivities } from '../../../activities/worm';
import { readManifest } from '../../../activities/worm-bytes';
import type { Digest } from '../../../src/domain/digest';
import type { WormManifest, WormOrder } from '../../../src/domain/worm/manifest';
import { quietEnvironment } from '../../support/activity-env';
import { releaseStatus } from '../../support/api-fixtures';
import { pushOf } from '../../support/contracts/inventory-builders';
import { codeOf } from '../../support/contracts/ledger-builders';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';
import { createFakeQuarantine } from '../../support/fakes/quarantine';
import { createFakeRegistry } from '../../support/fakes/registry';
import { createFakeRegistryContent } from '../../support/fakes/registry-content';
import {
  LOCK,
  LONGER,
  orderOf,
  pushSigned,
  SHOP,
  type SignedImage,
} from '../../support/worm-world';

let deps: FakeDeps;
let activities: WormActivities;
let environment: MockActivityEnvironment;
let signed: SignedImage;

beforeEach(async () => {
  deps = await createFakeDeps();
  activities = createWormActivities(deps);
  environment = quietEnvironment();
  signed = await pushSigned(deps);
});

function run<Result>(activity: () => Promise<Result>): Promise<Result> {
  return environment.run(activity);
}

async function copy(over: Partial<WormOrder> = {}): Promise<WormOrder> {
  const order = orderOf(signed.image.digest, over);
  await run(() => activities.openWormCopy({ order }));
  await run(() => activities.copyWormObjects({ id: order.id, limit: 1_000 }));
  await run(() => activities.sealWormCopy({ id: order.id }));
  return order;
}

const OTHER: Digest = `sha256:${'0'.repeat(64)}`;

/** As the gateway does: whatever the tag pointed at before. */
async function recordTag(tag: string, digest: Digest, repository = SHOP): Promise<void> {
  const push = pushOf({ repository, tag, digest, writeOnce: false });
  await deps.inventory.beginPush(push);
  await deps.inventory.completePush(push);
}

async function manifestOf(id: string): Promise<WormManifest> {
  const recorded = await deps.wormCopies.get(id);
  if (!recorded) throw new Error('no copy');
  return readManifest(deps.worm, recorded);
}

it('copies all that belongs to an image, in the order in which a registry takes it', async () => {
  const { id } = await copy();

  const { items, tags } = await manifestOf(id);

  const at = (digest: string): number => items.findIndex((item) => item.digest === digest);
  const { image, child, signature, note, legacy, legacyTag } = signed;
  expect(items.filter(({ role }) => role === 'index')).toMatchObject([{ digest: image.digest }]);
  const order = [at(child), at(image.digest), at(signature), at(note)];
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(Math.min(...order)).toBeGreaterThan(-1);
  expect(at(legacy)).toBeGreaterThan(at(child));
  expect(tags).toEqual([{ repository: SHOP, tag: legacyTag, digest: legacy }]);
  expect(items.at(-1)).toMatchObject({ role: 'evidence', subject: image.digest });
  expect(items.every(({ repository }) => repository === SHOP)).toBe(true);
  expect(await deps.wormCopies.get(id)).toMatchObject({ state: 'held', objects: items.length });
});

it('holds the digest in the registry before it copies anything', async () => {
  const order = orderOf(signed.image.digest);
  deps.worm.fail('WORM_UNAVAILABLE', 1, 'put');

  await run(() => activities.openWormCopy({ order }));
  await codeOf(run(() => activities.copyWormObjects({ id: order.id, limit: 10 })));

  expect(await deps.allowList.listHolds({ limit: 10 })).toMatchObject([
    { id: `worm-${order.id}`, digest: order.digest, until: LOCK, by: 'erin' },
  ]);
});

it('keeps what the ledger knows: the release, its verdicts, holds and a quarantine', async () => {
  const { digest } = signed.image;
  const status = { releaseId: 'shop/1.0.0_abc1234', svc: 'shop', digest, outcome: 'released' };
  await deps.ledger.saveStatus(releaseStatus({ ...status, outcome: 'released' }), 'run-1', 1);
  const verdict = { gate: 'scan', subject: digest, outcome: 'pass', reasons: [], evidence: {} };
  await deps.ledger.recordVerdict(
    status.releaseId,
    'run-1',
    'sha256:policy',
    { ...verdict, gate: 'scan', outcome: 'pass' },
    LOCK,
  );
  const { id } = await copy();

  const { verdicts, holds, items } = await manifestOf(id);
  const evidence = items.at(-1);
  const parts: Uint8Array[] = [];
  if (evidence) for await (const chunk of await deps.worm.read(evidence)) parts.push(chunk);
  const document = JSON.parse(Buffer.concat(parts).toString()) as {
    readonly services: readonly { readonly verdicts: readonly unknown[] }[];
  };

  expect(verdicts).toMatchObject([{ gate: 'scan', outcome: 'pass', releaseId: status.releaseId }]);
  expect(holds).toMatchObject([{ id: `worm-${id}` }]);
  expect(document.services).toMatchObject([{ svc: 'shop', release: { digest } }]);
  expect(document.services[0]?.verdicts).toHaveLength(1);
});

it('goes on where it was: what is stored is not stored again', async () => {
  const order = orderOf(signed.image.digest);
  await run(() => activities.openWormCopy({ order }));
  const first = await run(() => activities.copyWormObjects({ id: order.id, limit: 2 }));
  const before = deps.worm.calls.filter(({ method }) => method === 'put').length;

  await run(() => activities.openWormCopy({ order }));
  const rest = await run(() => activities.copyWormObjects({ id: order.id, limit: 1_000 }));

  const after = deps.worm.calls.filter(({ method }) => method === 'put').length;
  expect(before).toBe(2);
  expect(rest.left).toBe(0);
  expect(after - before).toBe(first.left);
});

it('seals once, also when its answer was lost', async () => {
  const { id } = await copy();
  const before = await deps.wormCopies.get(id);

  const again = await run(() => activities.sealWormCopy({ id }));

  expect(again.objects).toBe(before?.objects);
  expect(await deps.wormCopies.get(id)).toEqual(before);
});

it('lays a good version over one that was spoilt before', async () => {
  const { id } = await copy();
  const [layer] = (await manifestOf(id)).items.filter(({ role }) => role === 'layer');
  if (!layer) throw new Error('no layer');
  // Of the same size, as one that is found to be there.
  deps.worm.spoil(layer, layer.size);

  const second = await copy();

  const again = (await manifestOf(second.id)).items.find(({ digest }) => digest === layer.digest);
  expect(again?.version).not.toBe(layer.version);
  expect(
    await run(() => activities.verifyWormSlice({ id: second.id, from: 0, limit: 1_000 })),
  ).toEqual({
    checked: (await manifestOf(second.id)).items.length,
    next: null,
    problems: [],
  });
});

it('tells each content that is not what it was, and goes on', async () => {
  const { id } = await copy();
  const { items } = await manifestOf(id);
  const layer = items.find(({ role }) => role === 'layer');
  if (layer) deps.worm.spoil(layer);

  const slice = await run(() => activities.verifyWormSlice({ id, from: 0, limit: 1_000 }));
  await run(() => activities.endWormVerify({ id, problems: slice.problems }));

  expect(slice.checked).toBe(items.length);
  expect(slice.problems).toHaveLength(1);
  expect(slice.problems[0]).toContain(layer?.key);
  expect(await deps.wormCopies.get(id)).toMatchObject({ state: 'damaged' });
});

it('can tell nothing without its manifest', async () => {
  const { id } = await copy();
  const { manifest } = (await deps.wormCopies.get(id)) ?? {};
  if (manifest) deps.worm.spoil(manifest);

  const slice = await run(() => activities.verifyWormSlice({ id, from: 0, limit: 10 }));

  expect(slice).toMatchObject({ checked: 0, next: null });
  expect(slice.problems).toHaveLength(1);
});

it('does not call damaged what it could not ask', async () => {
  const { id } = await copy();
  deps.worm.fail('WORM_UNAVAILABLE', 1, 'lockOf');

  const verify = run(() => activities.verifyWormSlice({ id, from: 0, limit: 10 }));

  expect(await codeOf(verify)).toBe('WORM_UNAVAILABLE');
});

it('locks everything for longer, and holds the digest as long', async () => {
  const { id } = await copy();
  const order = { id, until: LONGER, by: 'frank', at: '2026-04-01T00:00:00.000Z' };

  await run(() => activities.extendWormSlice({ id, until: LONGER, from: 0, limit: 1_000 }));
  await run(() => activities.endWormExtend(order));
  await run(() => activities.endWormExtend(order));

  const { items, lockUntil } = await manifestOf(id);
  expect(lockUntil).toBe(LONGER);
  for (const item of items) expect(await deps.worm.lockOf(item)).toBe(LONGER);
  expect(await deps.wormCopies.get(id)).toMatchObject({ lockUntil: LONGER, state: 'held' });
  expect(await deps.allowList.listHolds({ limit: 10 })).toMatchObject([
    { digest: signed.image.digest, until: LONGER },
  ]);
  const slice = await run(() => activities.verifyWormSlice({ id, from: 0, limit: 1_000 }));
  expect(slice.problems).toEqual([]);
});

describe('restored into an empty registry', () => {
  it('an image is whole, with what is attached, under another name too', async () => {
    const { id } = await copy();
    const empty = createFakeRegistry();
    const content = createFakeRegistryContent(empty);
    const there = createWormActivities({ ...deps, content, backend: empty });
    const repository = 'apps/shop/evidence';

    await run(() => there.restoreWormSlice({ id, from: 0, limit: 1_000, repository }));
    const result = await run(() => there.endWormRestore({ id, repository, tags: false }));

    const { image, signature, note, child, legacy, legacyTag } = signed;
    const at = { repository, digest: image.digest };
    expect(result).toEqual({ repository, tags: [], tagsTaken: [], missing: [] });
    expect(await content.listAttached(at)).toEqual([{ digest: signature, tag: null }]);
    expect(await content.listAttached({ repository, digest: signature })).toEqual([
      { digest: note, tag: null },
    ]);
    expect(await content.listAttached({ repository, digest: child })).toEqual([
      { digest: legacy, tag: legacyTag },
    ]);
  });

  /** Whose quarantine knows the places of the inventory, as in Postgres. */
  function knowPlaces(): void {
    deps = { ...deps, quarantine: createFakeQuarantine(deps.inventory.contents) };
    activities = createWormActivities(deps);
  }

  it('it gives tags back where nothing else has them by now', async () => {
    knowPlaces();
    const { image, legacyTag } = signed;
    await recordTag('free-again', image.digest);
    await recordTag('moved-on', image.digest);
    const { id } = await copy();
    await recordTag('moved-on', OTHER);
    await recordTag(legacyTag, OTHER);

    const result = await run(() => activities.endWormRestore({ id, repository: null, tags: true }));

    expect(result.tags).toEqual(['free-again']);
    expect([...result.tagsTaken].sort()).toEqual(['moved-on', legacyTag]);
  });

  it('it says nothing of where a channel points, whatever pointed there', async () => {
    knowPlaces();
    const repository = 'channels/prod/shop';
    await recordTag('stable', signed.image.digest);
    const { id } = await copy();

    const result = await run(() => activities.endWormRestore({ id, repository, tags: true }));

    expect(result).toMatchObject({ repository, tags: [], tagsTaken: [] });
    expect(await deps.registry.resolve(repository, 'stable')).toBeNull();
  });

  it('it pushes nothing that is not what its digest says', async () => {
    const { id } = await copy();
    const layer = (await manifestOf(id)).items.find(({ role }) => role === 'layer');
    if (layer) deps.worm.spoil(layer);
    const empty = createFakeRegistry();
    const content = createFakeRegistryContent(empty);
    const there = createWormActivities({ ...deps, content, backend: empty });

    const restore = run(() =>
      there.restoreWormSlice({ id, from: 0, limit: 1_000, repository: null }),
    );

    expect(await codeOf(restore)).toBe('WORM_CORRUPT');
  });
});

it.each([
  ['no copy', 'nobody', 'COPY_NOT_FOUND'],
  ['a copy under way', 'copy-open', 'COPY_NOT_FOUND'],
])('restores %s with a reason', async (_what, id, code) => {
  await deps.wormCopies.begin(orderOf(signed.image.digest, { id: 'copy-open' }));

  const restore = run(() =>
    activities.restoreWormSlice({ id, from: 0, limit: 1, repository: null }),
  );

  expect(await codeOf(restore)).toBe(code);
});
