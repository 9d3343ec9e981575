import type { BudgetBreach, GcPlan, PlanItem } from '../../../src/domain/gc/plan';
import type { GcPlans, ItemOutcome } from '../../../src/ports/gc-plans';
import { A, B, codeOf, digestOf, T0, T1 } from './ledger-builders';

export interface GcPlansUnderTest {
  readonly plans: GcPlans;
  close(): Promise<void>;
}

const TOMORROW = '2026-01-03T03:04:05.678Z';
const REPOSITORY = 'apps/shop/web';

export const BREACH: BudgetBreach = {
  rule: 'bytes',
  repository: null,
  found: 2000,
  limit: 1000,
  why: 'More than 1000 bytes',
};

/** An id as plans have it; the same seed, the same id. */
export const planIdOf = (seed: string): string => `gc-${digestOf(seed).slice(7, 39)}`;

export function itemsOf(): readonly PlanItem[] {
  const evidence = { reached: null, lastActivityAt: T0, days: 7 };
  const item = { repository: REPOSITORY, rule: 'inactive', evidence } as const;
  return [
    { ...item, ordinal: 0, kind: 'tag', tag: '1.0.0_abc1234', digest: A, bytes: 0 },
    { ...item, ordinal: 1, kind: 'manifest', tag: null, digest: A, bytes: 1200 },
    { ...item, ordinal: 2, kind: 'manifest', tag: null, digest: B, bytes: 800 },
  ];
}

export function planOf(seed: string, over: Partial<GcPlan> = {}): GcPlan {
  const items = over.items ?? itemsOf();
  return {
    id: planIdOf(seed),
    repository: null,
    policyHash: 'sha256:policy',
    madeAt: T0,
    expiresAt: TOMORROW,
    totals: {
      ...{ repositories: 1, manifests: 3, tags: 1, blobs: 9, orphanBlobs: 1, orphanBytes: 10 },
      deleteTags: items.filter(({ kind }) => kind === 'tag').length,
      deleteManifests: items.filter(({ kind }) => kind === 'manifest').length,
      freeBlobs: 4,
      freeBytes: items.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    breaches: [],
    unknown: ['charts/shop: no rule speaks of it'],
    unknownCount: 1,
    ...over,
    items,
  };
}

const done = (ordinal: number, over: Partial<ItemOutcome> = {}): ItemOutcome => ({
  ordinal,
  outcome: 'deleted',
  reason: null,
  at: T1,
  ...over,
});

/** What every store of plans must do. `open` gives an empty one; it is closed after each test. */
export function describeGcPlans(name: string, open: () => Promise<GcPlansUnderTest>): void {
  describe(`plans contract: ${name}`, () => {
    let under: GcPlansUnderTest;
    let plans: GcPlans;

    beforeEach(async () => {
      under = await open();
      ({ plans } = under);
    });

    afterEach(async () => {
      await under.close();
    });

    const stateOf = async (seed: string): Promise<string | undefined> =>
      (await plans.getPlan(planIdOf(seed)))?.state;

    it('keep a plan as it was made, with its items in order and by pages', async () => {
      const { items, ...header } = planOf('one');
      await plans.savePlan({ ...header, items }, 'ana');

      expect(await plans.getPlan(header.id)).toEqual({
        ...header,
        state: 'ready',
        madeBy: 'ana',
        approval: null,
        runId: null,
        startedAt: null,
        endedAt: null,
        settled: { deleted: 0, skipped: 0, failed: 0, bytes: 0 },
      });
      const all = items.map((item) => ({ ...item, outcome: null }));
      expect(await plans.listItems(header.id, { from: 0, limit: 10 })).toEqual(all);
      expect(await plans.listItems(header.id, { from: 1, limit: 1 })).toEqual([all[1]]);
      expect(await plans.getPlan(planIdOf('none'))).toBeNull();
      expect(await plans.listItems(planIdOf('none'), { from: 0, limit: 1 })).toEqual([]);
    });

    it('let a newer plan of the same scope stand in place of one that waits', async () => {
      await plans.savePlan(planOf('one', { repository: REPOSITORY }), 'ana');
      await plans.savePlan(planOf('all', { madeAt: T1 }), 'ana');

      await plans.savePlan(planOf('two', { repository: REPOSITORY, madeAt: T1 }), 'ana');

      expect([await stateOf('one'), await stateOf('two'), await stateOf('all')]).toEqual([
        'superseded',
        'ready',
        'ready',
      ]);
      const listed = await plans.listPlans({ repository: REPOSITORY, limit: 10 });
      expect(listed.map(({ id }) => id)).toEqual([planIdOf('two'), planIdOf('one')]);
      expect(await plans.listPlans({ limit: 1 })).toHaveLength(1);
    });

    it('wait for an approval where a plan is over budget; the first one stays', async () => {
      await plans.savePlan(planOf('one', { breaches: [BREACH] }), 'ana');
      expect(await stateOf('one')).toBe('over-budget');
      expect(await plans.beginPlan(planIdOf('one'), 'run', T1)).toMatchObject({ kind: 'refused' });
      expect(await plans.wasAnyApproved()).toBe(false);

      const approved = await plans.approvePlan(planIdOf('one'), 'sec', 'looked at it', T1);
      const again = await plans.approvePlan(planIdOf('one'), 'other', 'me too', T1);

      expect(approved).toMatchObject({
        state: 'ready',
        approval: { by: 'sec', reason: 'looked at it', at: T1 },
      });
      expect(again).toEqual(approved);
      expect(await plans.wasAnyApproved()).toBe(true);
      expect(await plans.approvePlan(planIdOf('none'), 'sec', 'why', T1)).toBeNull();
    });

    it('approve no plan that deletes nothing, as that would let later ones run', async () => {
      await plans.savePlan(planOf('one', { items: [], breaches: [BREACH] }), 'ana');

      expect(await codeOf(plans.approvePlan(planIdOf('one'), 'sec', 'why', T1))).toBe(
        'INVALID_INPUT',
      );
      expect(await plans.wasAnyApproved()).toBe(false);
    });

    it('approve a plan within budget too, but none that expired, ran or was superseded', async () => {
      await plans.savePlan(planOf('one'), 'ana');
      expect(await codeOf(plans.approvePlan(planIdOf('one'), 'sec', 'why', TOMORROW))).toBe(
        'INVALID_INPUT',
      );
      await plans.savePlan(planOf('two'), 'ana');

      expect(await codeOf(plans.approvePlan(planIdOf('one'), 'sec', 'why', T1))).toBe(
        'INVALID_INPUT',
      );
      const { state } = (await plans.approvePlan(planIdOf('two'), 'sec', 'why', T1)) ?? {};
      expect(state).toBe('ready');
    });

    it('give the turn to one run at a time', async () => {
      await plans.savePlan(planOf('one', { repository: REPOSITORY }), 'ana');
      await plans.savePlan(planOf('two'), 'ana');

      const begun = await Promise.all(
        ['one', 'two'].map((seed) => plans.beginPlan(planIdOf(seed), `run ${seed}`, T1)),
      );

      expect(begun.map(({ kind }) => kind).sort()).toEqual(['begun', 'refused']);
      const first = begun[0]?.kind === 'begun' ? 'one' : 'two';
      const second = first === 'one' ? 'two' : 'one';
      expect(await plans.beginPlan(planIdOf(first), `run ${first}`, T1)).toEqual({ kind: 'same' });
      expect(await plans.beginPlan(planIdOf(first), 'another run', T1)).toMatchObject({
        kind: 'refused',
      });
      await plans.endPlan(planIdOf(first), 'done', T1);
      await plans.endPlan(planIdOf(first), 'stopped', T1);
      expect(await plans.getPlan(planIdOf(first))).toMatchObject({
        state: 'done',
        runId: `run ${first}`,
        startedAt: T1,
        endedAt: T1,
      });
      expect(await plans.beginPlan(planIdOf(second), 'run', T1)).toEqual({ kind: 'begun' });
    });

    it('refuse to begin what expired, or is not there', async () => {
      await plans.savePlan(planOf('one'), 'ana');

      const begun = await plans.beginPlan(planIdOf('one'), 'run', TOMORROW);

      expect(begun).toMatchObject({ kind: 'refused' });
      expect(await stateOf('one')).toBe('expired');
      expect(await plans.beginPlan(planIdOf('none'), 'run', T1)).toMatchObject({
        kind: 'refused',
      });
    });

    it('settle items once, and count what came of them', async () => {
      const id = planIdOf('one');
      await plans.savePlan(planOf('one'), 'ana');
      await plans.beginPlan(id, 'run', T1);
      const skipped = done(2, { outcome: 'skipped', reason: 'pulled since' });

      await plans.settleItems(id, [done(0), done(1)]);
      await plans.settleItems(id, [done(1, { outcome: 'failed', reason: 'again' }), skipped]);
      await plans.settleItems(id, []);

      const items = await plans.listItems(id, { from: 0, limit: 10 });
      expect(items.map(({ outcome }) => outcome)).toEqual([done(0), done(1), skipped]);
      expect(await plans.listItems(id, { from: 0, limit: 10, open: true })).toEqual([]);
      expect((await plans.getPlan(id))?.settled).toEqual({
        deleted: 2,
        skipped: 1,
        failed: 0,
        bytes: 1200,
      });
    });

    it('save a plan once: what became of it stays', async () => {
      const id = planIdOf('one');
      await plans.savePlan(planOf('one', { breaches: [BREACH] }), 'ana');
      await plans.approvePlan(id, 'sec', 'why', T0);
      await plans.beginPlan(id, 'run', T1);

      await plans.savePlan(planOf('one', { breaches: [BREACH] }), 'ana');

      expect(await plans.getPlan(id)).toMatchObject({ state: 'running', approval: { by: 'sec' } });
      expect(await plans.listItems(id, { from: 0, limit: 9 })).toHaveLength(3);
    });

    it('sum up what a plan deletes by repository and rule, the largest first', async () => {
      const [tag, ...manifests] = itemsOf();
      const other = { repository: 'apps/shop/api', rule: 'unreferenced', bytes: 5000 } as const;
      const items = [
        ...(tag ? [tag] : []),
        ...manifests,
        { ...itemsOf()[1], ...other, ordinal: 3 },
      ];
      await plans.savePlan(planOf('one', { items: items as readonly PlanItem[] }), 'ana');

      expect(await plans.groupItems(planIdOf('one'), 10)).toEqual([
        { ...other, tags: 0, manifests: 1 },
        { repository: REPOSITORY, rule: 'inactive', tags: 1, manifests: 2, bytes: 2000 },
      ]);
      expect(await plans.groupItems(planIdOf('one'), 1)).toHaveLength(1);
      expect(await plans.groupItems(planIdOf('none'), 1)).toEqual([]);
    });

    it('keep a plan that deletes nothing', async () => {
      await plans.savePlan(planOf('none', { items: [] }), 'ana');

      expect(await plans.listItems(planIdOf('none'), { from: 0, limit: 1 })).toEqual([]);
      expect((await plans.getPlan(planIdOf('none')))?.totals.freeBytes).toBe(0);
    });
  });
}
