import { createReconcileActivities, type ReconcileActivities } from '../../../activities/reconcile';
import type { WalkCursor } from '../../../src/contract/messages';
import type { Digest } from '../../../src/domain/digest';
import { planRepair, UNKNOWN_ACTOR, type Finding } from '../../../src/domain/registry/drift';
import type { PushRecord } from '../../../src/ports/inventory';
import { quietEnvironment } from '../../support/activity-env';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';
import { containing } from '../../support/matchers';

const APP = 'apps/shop/shop';
const TAG = '1.0.0_abc1234';
const CHANNEL = 'channels/prod/shop';
const STABLE = { env: 'prod', tag: 'stable' } as const;
const START: WalkCursor = { phase: 'recorded', after: null, tag: null };
const RUN_AT = '2026-01-01T00:00:00.000Z';

let deps: FakeDeps;

beforeEach(async () => {
  deps = await createFakeDeps();
});

function call<Name extends keyof ReconcileActivities>(
  name: Name,
  input: Parameters<ReconcileActivities[Name]>[0],
): Promise<Awaited<ReturnType<ReconcileActivities[Name]>>> {
  const activity = createReconcileActivities(deps)[name] as (one: unknown) => Promise<never>;
  return quietEnvironment().run(activity, input);
}

/** A push as the gateway records one. */
function pushOf(
  repository: string,
  digest: Digest,
  tag: string | null,
  writeOnce = true,
): PushRecord {
  return {
    repository,
    digest,
    tag,
    writeOnce: writeOnce && tag !== null,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: null,
    size: 400,
    subject: null,
    edges: [],
    actor: 'builder',
    at: '2025-12-01T00:00:00.000Z',
    id: `${repository} ${tag ?? ''} ${digest}`,
  };
}

async function pushThrough(
  repository: string,
  tag: string,
  user: string,
  writeOnce = true,
): Promise<Digest> {
  const digest = deps.catalog.push({ repository, user }, tag);
  const push = pushOf(repository, digest, tag, writeOnce);
  await deps.inventory.beginPush(push);
  await deps.inventory.completePush(push);
  return digest;
}

async function pin(digest: Digest, key: string, done = true): Promise<void> {
  const expected = (await deps.ledger.getChannel('shop', STABLE))?.digest ?? null;
  const move = {
    svc: 'shop',
    channel: STABLE,
    expected,
    next: digest,
    epoch: 1,
    actor: 'rita',
    reason: 'test',
    idempotencyKey: key,
  };
  await deps.ledger.beginMove(move);
  if (done) await deps.ledger.completeMove(move, RUN_AT);
}

async function walkAll(
  shares = 1,
): Promise<{ findings: Finding[]; errors: string[]; tags: number; repositories: number }> {
  const all = { findings: [] as Finding[], errors: [] as string[], tags: 0, repositories: 0 };
  let cursor: WalkCursor | null = START;
  while (cursor) {
    const slice: Awaited<ReturnType<ReconcileActivities['walkRegistry']>> = await call(
      'walkRegistry',
      { cursor, manifestShare: 0, manifestShares: shares },
    );
    all.findings.push(...slice.findings);
    all.errors.push(...slice.errors);
    all.tags += slice.tags;
    all.repositories += slice.repositories;
    cursor = slice.next;
  }
  return all;
}

async function repairAll(): Promise<readonly { result: string; note: string; known: boolean }[]> {
  const { findings } = await walkAll();
  const { confirmed } = await call('confirmDrift', { findings });
  return call('repairDrift', { plans: confirmed.map(planRepair), runStartedAt: RUN_AT });
}

describe('walkRegistry', () => {
  it('finds nothing where all came through the gateway', async () => {
    await pushThrough(APP, TAG, '1');
    await pushThrough('charts/shop', '1.0.0', '2');

    expect(await walkAll()).toEqual({ findings: [], errors: [], tags: 2, repositories: 2 });
    expect(deps.inventory.walks).toHaveLength(1);
  });

  it('finds what was pushed, moved and deleted around it, in repositories known and unknown', async () => {
    const kept = await pushThrough(APP, TAG, '1');
    await pushThrough(APP, '2.0.0_abc1234', '2');
    const intruder = deps.catalog.push({ repository: APP, user: '3' }, TAG);
    deps.catalog.deleteTag(APP, '2.0.0_abc1234');
    deps.catalog.push({ repository: 'apps/other/other', user: '4' }, '3.0.0_abc1234');

    const { findings, repositories } = await walkAll();

    expect(findings).toMatchObject([
      { kind: 'moved-tag', tag: TAG, found: intruder, recorded: kept, writeOnce: true },
      { kind: 'gone-tag', tag: '2.0.0_abc1234' },
      { kind: 'unknown-tag', repository: 'apps/other/other' },
    ]);
    expect(repositories).toBe(2);
  });

  it('finds a manifest without a tag that is gone, in its share alone', async () => {
    const digest = deps.catalog.push({ repository: APP, user: '1' });
    const push = pushOf(APP, digest, null);
    await deps.inventory.beginPush(push);
    await deps.inventory.completePush(push);
    await pushThrough(APP, TAG, '2');
    deps.catalog.deleteManifest({ repository: APP, digest });

    const shares = 8;
    const found = [];
    for (let share = 0; share < shares; share += 1) {
      const slice = await call('walkRegistry', {
        cursor: START,
        manifestShare: share,
        manifestShares: shares,
      });
      found.push(...slice.findings);
    }

    expect(found).toEqual([{ kind: 'gone-manifest', repository: APP, digest }]);
  });

  it('passes over a repository that can not be read, and says so', async () => {
    await pushThrough(APP, TAG, '1');
    await pushThrough('apps/shop/broken', TAG, '2');
    deps.catalog.breakRepository('apps/shop/broken');

    const { findings, errors, repositories } = await walkAll();

    expect(findings).toEqual([]);
    expect(errors).toEqual([expect.stringContaining('apps/shop/broken')]);
    expect(deps.inventory.walks).toEqual([]);
    expect(repositories).toBe(1);
  });

  it('gives up when one after the other can not be read', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      await pushThrough(`apps/shop/${name}`, TAG, name);
      deps.catalog.breakRepository(`apps/shop/${name}`);
    }

    await expect(walkAll()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });

  it.each(['listRepositories', 'listTags'] as const)(
    'reads no answer to %s as nothing',
    async (method) => {
      for (const name of ['a', 'b', 'c']) await pushThrough(`apps/shop/${name}`, TAG, name);
      deps.catalog.fail('REGISTRY_UNAVAILABLE', 100, method);

      await expect(walkAll()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    },
  );

  it('does not go on without the ledger', async () => {
    await pushThrough(APP, TAG, '1');
    deps.inventory.fail('LEDGER_UNAVAILABLE', 1, 'readRepository');

    await expect(walkAll()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });

  it('ends a slice where there is much to report, and goes on from there', async () => {
    const digest = deps.catalog.push({ repository: APP, user: '1' });
    for (let minor = 0; minor < 300; minor += 1) {
      deps.catalog.setTag(APP, `1.${String(minor)}.0_abc1234`, digest);
    }

    const first = await call('walkRegistry', {
      cursor: { ...START, phase: 'unrecorded' },
      manifestShare: 0,
      manifestShares: 1,
    });
    const { findings, repositories } = await walkAll();

    expect(first.next).toMatchObject({ phase: 'unrecorded', after: APP });
    expect(first.findings.length).toBeLessThan(200);
    expect(new Set(findings.map((one) => JSON.stringify(one))).size).toBe(300);
    expect(findings).toHaveLength(300);
    expect(repositories).toBe(1);
  });
});

describe('confirmDrift', () => {
  it('drops what was only under way', async () => {
    await pushThrough(APP, TAG, '1');
    deps.catalog.push({ repository: APP, user: '2' }, '2.0.0_abc1234');
    const { findings } = await walkAll();
    await pushThrough(APP, '2.0.0_abc1234', '2');

    expect(findings).toHaveLength(1);
    expect(await call('confirmDrift', { findings })).toEqual({ confirmed: [], errors: [] });
  });

  it('leaves a push to its gateway that has not told its end', async () => {
    const digest = deps.catalog.push({ repository: APP, user: '1' }, TAG);
    await deps.inventory.beginPush(pushOf(APP, digest, TAG));
    const { findings } = await walkAll();
    await new Promise((resolve) => setTimeout(resolve, 5));

    expect(findings).toMatchObject([{ kind: 'unknown-tag', found: digest }]);
    expect(await call('confirmDrift', { findings })).toEqual({ confirmed: [], errors: [] });
  });

  it('believes in gone only what the registry itself says', async () => {
    await pushThrough(APP, TAG, '1');
    deps.catalog.deleteTag(APP, TAG);
    const { findings } = await walkAll();
    deps.catalog.answerLikeProxy();

    const { confirmed, errors } = await call('confirmDrift', { findings });

    expect(findings).toMatchObject([{ kind: 'gone-tag' }]);
    expect(confirmed).toEqual([]);
    expect(errors).toEqual([expect.stringContaining(TAG)]);
  });
});

describe('repairDrift', () => {
  it('records a push around the gateway with all below it, and claims its tag', async () => {
    const digest = deps.catalog.push({ repository: APP, index: true }, TAG);

    const outcomes = await repairAll();

    const tag = await deps.inventory.getTag(APP, TAG);
    expect(outcomes).toMatchObject([{ result: 'repaired', known: false }]);
    expect(tag).toMatchObject({ digest, pushedBy: UNKNOWN_ACTOR, writeOnce: true });
    const index = await deps.inventory.getManifest(APP, digest);
    const child = index?.edges.find((edge) => edge.kind === 'child');
    expect((await deps.inventory.getManifest(APP, child!.digest))?.edges).toHaveLength(2);
    expect(await deps.inventory.listEvents({ kind: 'around-gateway', limit: 10 })).toMatchObject([
      { repository: APP, reference: TAG, actor: UNKNOWN_ACTOR },
    ]);
    expect(await walkAll()).toMatchObject({ findings: [] });
  });

  it('puts a write-once tag back, and knows the manifest that took its place', async () => {
    const digest = await pushThrough(APP, TAG, '1');
    const intruder = deps.catalog.push({ repository: APP, user: '2' }, TAG);

    const [outcome] = await repairAll();

    expect(outcome).toMatchObject({ result: 'repaired', note: containing(digest) });
    expect(deps.catalog.tagOf(APP, TAG)).toBe(digest);
    expect(await deps.inventory.getManifest(APP, intruder)).not.toBeNull();
    expect((await deps.inventory.getTag(APP, TAG))?.digest).toBe(digest);
  });

  it('says so when what is on record is no longer there', async () => {
    const digest = await pushThrough(APP, TAG, '1');
    deps.catalog.deleteManifest({ repository: APP, digest });
    const intruder = deps.catalog.push({ repository: APP, user: '2' }, TAG);

    const outcomes = await repairAll();

    expect(outcomes).toContainEqual(expect.objectContaining({ result: 'impossible' }));
    expect(deps.catalog.tagOf(APP, TAG)).toBe(intruder);
  });

  it('notes a deleted tag, whose name stays claimed', async () => {
    await pushThrough(APP, TAG, '1');
    deps.catalog.deleteTag(APP, TAG);

    expect(await repairAll()).toMatchObject([{ result: 'repaired' }]);
    expect(await deps.inventory.getTag(APP, TAG)).toBeNull();

    const again = deps.catalog.push({ repository: APP, user: '2' }, TAG);
    expect(await repairAll()).toMatchObject([{ result: 'impossible' }]);
    expect(deps.catalog.tagOf(APP, TAG)).toBe(again);
  });

  it('lets a channel follow the ledger', async () => {
    const digest = await pushThrough(CHANNEL, 'stable', '1', false);
    await pin(digest, 'one');
    deps.catalog.push({ repository: CHANNEL, user: '2' }, 'stable');

    expect(await repairAll()).toMatchObject([{ result: 'repaired' }]);
    expect(deps.catalog.tagOf(CHANNEL, 'stable')).toBe(digest);
  });

  it('leaves a channel alone that is being moved', async () => {
    const digest = await pushThrough(CHANNEL, 'stable', '1', false);
    await pin(digest, 'one');
    const next = deps.catalog.push({ repository: CHANNEL, user: '2' }, 'stable');
    const { findings } = await walkAll();
    await pin(next, 'two', false);

    const [outcome] = await call('repairDrift', {
      plans: findings.map(planRepair),
      runStartedAt: RUN_AT,
    });

    expect(outcome).toMatchObject({ result: 'right' });
    expect(deps.catalog.tagOf(CHANNEL, 'stable')).toBe(next);
    expect(await walkAll()).toMatchObject({ findings: [] });
  });

  it('records, and does not delete, a channel tag that the ledger lacks', async () => {
    const digest = deps.catalog.push({ repository: CHANNEL, user: '1' }, 'stable');

    const [outcome] = await repairAll();

    expect(outcome).toMatchObject({ result: 'repaired' });
    expect(deps.catalog.tagOf(CHANNEL, 'stable')).toBe(digest);
    expect((await deps.inventory.getTag(CHANNEL, 'stable'))?.digest).toBe(digest);
  });

  it('may be done twice', async () => {
    await pushThrough(APP, TAG, '1');
    deps.catalog.push({ repository: APP, user: '2' }, TAG);
    deps.catalog.push({ repository: APP, user: '3' }, '2.0.0_abc1234');
    const { findings } = await walkAll();
    const input = { plans: findings.map(planRepair), runStartedAt: RUN_AT };

    await call('repairDrift', input);
    const again = await call('repairDrift', input);

    expect(again.map((one) => one.result)).toEqual(['right', 'right']);
    expect(again.map((one) => one.known)).toEqual([false, false]);
    expect(await deps.inventory.listEvents({ limit: 10 })).toHaveLength(2);
  });

  it('knows what an earlier run has told', async () => {
    deps.catalog.push({ repository: CHANNEL, user: '1' }, 'stable');
    await repairAll();
    const { findings } = await walkAll();

    const [outcome] = await call('repairDrift', {
      plans: findings.map(planRepair),
      runStartedAt: '2999-01-01T00:00:00.000Z',
    });

    expect(findings).toMatchObject([{ kind: 'channel', ledger: null }]);
    expect(outcome).toMatchObject({ known: true });
  });

  it('goes on past one that fails', async () => {
    deps.catalog.push({ repository: APP, user: '1' }, TAG);
    deps.catalog.push({ repository: APP, user: '2' }, '2.0.0_abc1234');
    const { findings } = await walkAll();
    deps.catalog.fail('REGISTRY_UNAVAILABLE', 1, 'getManifest');

    const outcomes = await call('repairDrift', {
      plans: findings.map(planRepair),
      runStartedAt: RUN_AT,
    });

    expect(outcomes.map((one) => one.result)).toEqual(['failed', 'repaired']);
  });
});
