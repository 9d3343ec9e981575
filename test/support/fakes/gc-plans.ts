import { ReleaseError } from '../../../src/contract/errors';
import type { GcPlan, PlanItem } from '../../../src/domain/gc/plan';
import type {
  Begun,
  GcPlans,
  ItemOutcome,
  PlanGroup,
  RecordedPlan,
  SettledCounts,
} from '../../../src/ports/gc-plans';
import { withCallFaults, type CallFaults } from './call-faults';

export type FakeGcPlans = GcPlans & CallFaults;

interface Kept {
  plan: RecordedPlan;
  readonly items: readonly PlanItem[];
  readonly outcomes: Map<number, ItemOutcome>;
}

const NOTHING_SETTLED: SettledCounts = { deleted: 0, skipped: 0, failed: 0, bytes: 0 };
const isWaiting = ({ state }: RecordedPlan): boolean =>
  state === 'ready' || state === 'over-budget';

function settledOf({ items, outcomes }: Kept): SettledCounts {
  const count = (kind: ItemOutcome['outcome']): number =>
    [...outcomes.values()].filter(({ outcome }) => outcome === kind).length;
  const bytes = items
    .filter(({ ordinal }) => outcomes.get(ordinal)?.outcome === 'deleted')
    .reduce((sum, item) => sum + item.bytes, 0);
  return { deleted: count('deleted'), skipped: count('skipped'), failed: count('failed'), bytes };
}

function recorded(plan: GcPlan, madeBy: string): RecordedPlan {
  const { id, repository, policyHash, madeAt, expiresAt, totals, breaches } = plan;
  const { unknown, unknownCount } = plan;
  const state = breaches.length > 0 ? 'over-budget' : 'ready';
  return {
    ...{ id, repository, policyHash, madeAt, expiresAt, totals, breaches, unknown, unknownCount },
    ...{ state, madeBy, approval: null, settled: NOTHING_SETTLED },
    ...{ runId: null, startedAt: null, endedAt: null },
  };
}

function groupsOf({ items }: Kept): readonly PlanGroup[] {
  const groups = new Map<string, PlanGroup>();
  for (const { repository, rule, kind, bytes } of items) {
    const key = `${repository} ${rule}`;
    const { tags = 0, manifests = 0, bytes: sum = 0 } = groups.get(key) ?? {};
    groups.set(key, {
      ...{ repository, rule, bytes: sum + bytes },
      tags: tags + (kind === 'tag' ? 1 : 0),
      manifests: manifests + (kind === 'manifest' ? 1 : 0),
    });
  }
  return [...groups.values()].sort((a, b) => b.bytes - a.bytes);
}

function refuseApproval(plan: RecordedPlan, at: string): void {
  const { deleteTags, deleteManifests } = plan.totals;
  if (isWaiting(plan) && plan.expiresAt > at && deleteTags + deleteManifests > 0) return;
  throw new ReleaseError('INVALID_INPUT', `The plan ${plan.id} can't be approved`);
}

/** Plans in memory. Times are compared as text: RFC 3339 in UTC, of one length. */
export function createFakeGcPlans(): FakeGcPlans {
  const plans = new Map<string, Kept>();

  function save(plan: GcPlan, madeBy: string): void {
    for (const kept of plans.values()) {
      const { repository, id } = kept.plan;
      if (repository === plan.repository && id !== plan.id && isWaiting(kept.plan)) {
        kept.plan = { ...kept.plan, state: 'superseded' };
      }
    }
    if (plans.has(plan.id)) return;
    plans.set(plan.id, { plan: recorded(plan, madeBy), items: plan.items, outcomes: new Map() });
  }

  function begin(id: string, runId: string, at: string): Begun {
    const kept = plans.get(id);
    if (!kept) return { kind: 'refused', reason: `there is no plan ${id}` };
    const { plan } = kept;
    if (plan.state === 'running' && plan.runId === runId) return { kind: 'same' };
    if (plan.state !== 'ready') {
      return { kind: 'refused', reason: `the plan ${id} is ${plan.state}` };
    }
    if (plan.expiresAt <= at) {
      kept.plan = { ...plan, state: 'expired' };
      return { kind: 'refused', reason: `the plan ${id} expired at ${plan.expiresAt}` };
    }
    const other = [...plans.values()].find((one) => one.plan.state === 'running');
    if (other) return { kind: 'refused', reason: `the plan ${other.plan.id} runs` };
    kept.plan = { ...plan, state: 'running', runId, startedAt: at };
    return { kind: 'begun' };
  }

  function settle(kept: Kept, outcomes: readonly ItemOutcome[]): void {
    for (const outcome of outcomes) {
      if (!kept.outcomes.has(outcome.ordinal)) kept.outcomes.set(outcome.ordinal, outcome);
    }
    kept.plan = { ...kept.plan, settled: settledOf(kept) };
  }

  return withCallFaults<GcPlans>({
    savePlan: (plan, madeBy) => {
      save(plan, madeBy);
      return Promise.resolve();
    },
    getPlan: (id) => Promise.resolve(plans.get(id)?.plan ?? null),
    listPlans: ({ repository, limit }) =>
      Promise.resolve(
        [...plans.values()]
          .map(({ plan }) => plan)
          .filter((plan) => repository === undefined || plan.repository === repository)
          .sort((a, b) => (a.madeAt > b.madeAt ? -1 : 1))
          .slice(0, limit),
      ),
    listItems: (id, { from, limit, open = false }) => {
      const { items = [], outcomes = new Map<number, ItemOutcome>() } = plans.get(id) ?? {};
      return Promise.resolve(
        items
          .filter(({ ordinal }) => ordinal >= from && !(open && outcomes.has(ordinal)))
          .slice(0, limit)
          .map((item) => ({ ...item, outcome: outcomes.get(item.ordinal) ?? null })),
      );
    },
    groupItems: (id, limit) => {
      const kept = plans.get(id);
      return Promise.resolve(kept ? groupsOf(kept).slice(0, limit) : []);
    },
    approvePlan: (id, by, reason, at) => {
      const kept = plans.get(id);
      if (!kept) return Promise.resolve(null);
      if (!kept.plan.approval) {
        refuseApproval(kept.plan, at);
        kept.plan = { ...kept.plan, state: 'ready', approval: { by, reason, at } };
      }
      return Promise.resolve(kept.plan);
    },
    wasAnyApproved: () => Promise.resolve([...plans.values()].some(({ plan }) => plan.approval)),
    beginPlan: (id, runId, at) => Promise.resolve(begin(id, runId, at)),
    settleItems: (id, outcomes) => {
      const kept = plans.get(id);
      if (kept) settle(kept, outcomes);
      return Promise.resolve();
    },
    endPlan: (id, state, at) => {
      const kept = plans.get(id);
      if (kept?.plan.state === 'running') kept.plan = { ...kept.plan, state, endedAt: at };
      return Promise.resolve();
    },
  });
}
