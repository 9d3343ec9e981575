import type { Digest } from '../../../../src/domain/digest';
import type { InventorySink } from '../../../../src/domain/gc/inventory';
import type { GcPolicy } from '../../../../src/domain/gc/retention';
import type { Planning } from '../../../../src/ports/gc-planner';
import { A, B } from '../../../support/contracts/ledger-builders';
import { createFakeGcPlanner, type FakeGcPlanner } from '../../../support/fakes/gc-planner';
import { createFakeGcPlans, type FakeGcPlans } from '../../../support/fakes/gc-plans';
import { DAY_MS, STRICT_RETENTION } from '../../../support/gc-plan-world';

const NOW_MS = Date.parse('2026-03-01T12:00:00.000Z');
const POLICY: GcPolicy = { retention: STRICT_RETENTION, registry: { open: [] } };
const ORDER = { repository: null, policy: POLICY, policyHash: 'sha256:p', madeBy: 'ana' };
const REPOSITORY = 'apps/shop/web';

/** Two old releases. */
function tell(sink: InventorySink): void {
  const old = { pushedAtMs: NOW_MS - 60 * DAY_MS, lastPulledAtMs: null };
  const image = { repository: REPOSITORY, mediaType: 'manifest', artifactType: null, size: 10 };
  const each: readonly (readonly [string, Digest])[] = [
    ['1.0.0_abc1234', A],
    ['1.0.1_abc1234', B],
  ];
  for (const [tag, digest] of each) {
    sink.manifest({ ...image, ...old, digest, subject: null, pending: false });
    sink.tag({ repository: REPOSITORY, tag, digest, ...old });
  }
}

let plans: FakeGcPlans;
let planner: FakeGcPlanner;
let order: string[];

beforeEach(() => {
  plans = createFakeGcPlans();
  planner = createFakeGcPlanner(plans, NOW_MS);
  planner.source.store.tell = tell;
  order = [];
});

const planning = (live: Partial<Awaited<ReturnType<Planning['readLive']>>> = {}): Planning => ({
  readLive: () => {
    order.push(`live after ${planner.source.calls.length} reads of the inventory`);
    return Promise.resolve({ roots: [], missing: [], ...live });
  },
  signal: new AbortController().signal,
  note: (text) => order.push(text),
});

describe('a plan', () => {
  it('is made of the inventory first and the roots after it, and kept', async () => {
    const root = { digest: A, reason: 'live-workload', detail: 'shop runs it in prod' } as const;

    const plan = await planner.plan(ORDER, planning({ roots: [root] }));

    expect(order[0]).toBe('reading the inventory');
    expect(order).toContain('live after 1 reads of the inventory');
    expect(plan.totals).toMatchObject({ deleteTags: 1, deleteManifests: 1 });
    expect(plan.madeAt).toBe('2026-03-01T12:00:00.000Z');
    const items = await plans.listItems(plan.id, { from: 0, limit: 10 });
    expect(items.map(({ digest }) => digest)).toEqual([B, B]);
    expect(planner.roots.asked[0]?.windowMs('stg:stable')).toBe(30 * DAY_MS);
  });

  it('deletes nothing while something could not be asked', async () => {
    const plan = await planner.plan(ORDER, planning({ missing: ['what shop runs in prod'] }));

    expect(plan.totals.deleteTags).toBe(0);
    expect(plan.breaches).toMatchObject([{ rule: 'sources' }]);
  });

  it.each([
    [NOW_MS - 2 * DAY_MS, null, ['event-gap']],
    [NOW_MS - DAY_MS / 2, null, []],
    [null, null, ['sources']],
    // It sees no pulls.
    [NOW_MS - 2 * DAY_MS, NOW_MS, ['event-gap']],
    [null, NOW_MS, ['sources']],
    // The gateway sees nothing that goes past it.
    [NOW_MS, NOW_MS - 2 * DAY_MS, ['event-gap']],
    [NOW_MS, NOW_MS - DAY_MS / 2, []],
  ])('recorded until %s, reconciled at %s: breaches %j', async (recorded, reconciled, rules) => {
    const { store } = planner.source;
    const known = { lastRecordedAtMs: recorded, lastReconciledAtMs: reconciled };
    store.facts = { ...store.facts, ...known };

    const plan = await planner.plan(ORDER, planning());

    expect(plan.breaches.map(({ rule }) => rule)).toEqual(rules);
  });

  it('is not kept when it was called off', async () => {
    const signal = AbortSignal.abort(new Error('called off'));

    await expect(planner.plan(ORDER, { ...planning(), signal })).rejects.toThrow('called off');
    expect(await plans.listPlans({ limit: 1 })).toEqual([]);
  });
});

describe('a question', () => {
  it('is answered by the shorter windows of both policies', async () => {
    const windows = { ...STRICT_RETENTION.windows, inactiveMs: 365 * DAY_MS, stgMs: DAY_MS };
    const after: GcPolicy = { ...POLICY, retention: { ...STRICT_RETENTION, windows } };

    const diff = await planner.diff(
      { before: POLICY, after, repository: null, limit: 1 },
      planning(),
    );

    expect(diff.keeps).toMatchObject({ tags: 2, manifests: 2 });
    expect(diff.keeps.flips).toHaveLength(1);
    expect(planner.roots.asked[0]?.windowMs('stg:stable')).toBe(DAY_MS);
  });

  it('says why something goes, and keeps no plan', async () => {
    const order = { policy: POLICY, repository: REPOSITORY, reference: '1.0.0_abc1234' };

    expect(await planner.explain(order, planning())).toMatchObject({ outcome: 'delete' });
    expect(await plans.listPlans({ limit: 1 })).toEqual([]);
  });
});
