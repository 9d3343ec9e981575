import { ReleaseError } from '../../contract/errors';
import type { GcPlanDetail, GcPlanView } from '../../contract/schema/api-gc';
import { retentionOf } from '../../domain/gc/retention';
import type { RecordedPlan } from '../../ports/gc-plans';
import type { ApiDependencies } from '../dependencies';

const MAX_GROUPS = 200;

type PlanDeps = Pick<ApiDependencies, 'gcPlans' | 'now' | 'policy'>;

/** @throws ReleaseError PLAN_NOT_FOUND */
export async function findPlan({ gcPlans }: PlanDeps, id: string): Promise<RecordedPlan> {
  const plan = await gcPlans.getPlan(id);
  if (plan) return plan;
  throw planNotFound(id);
}

export function planNotFound(id: string): ReleaseError {
  return new ReleaseError('PLAN_NOT_FOUND', `There is no plan ${id}`, {
    details: { field: 'plan', remedy: 'see which there are: plura reg gc plans' },
  });
}

/** The store learns of an expiry only when somebody wants to run the plan. */
export function viewPlan(plan: RecordedPlan, now: Date): GcPlanView {
  const waits = plan.state === 'ready' || plan.state === 'over-budget';
  const isOver = waits && Date.parse(plan.expiresAt) <= now.getTime();
  return isOver ? { ...plan, state: 'expired' } : plan;
}

/** A sentence; null when the plan may run. */
async function blockedBy(
  { gcPlans, policy }: PlanDeps,
  { state, approval, breaches, expiresAt, totals }: GcPlanView,
): Promise<string | null> {
  if (state === 'expired') return `It expired at ${expiresAt}`;
  if (state === 'over-budget') {
    return `It is over budget and needs an approval: ${breaches[0]?.why ?? ''}`;
  }
  if (state !== 'ready') return `It is ${state}`;
  if (totals.deleteTags + totals.deleteManifests === 0) return 'It deletes nothing';
  if (approval || retentionOf(policy).firstRun === 'run') return null;
  return (await gcPlans.wasAnyApproved())
    ? null
    : 'No plan of this registry was approved by a person yet: this one needs an approval';
}

export async function describePlan(deps: PlanDeps, plan: RecordedPlan): Promise<GcPlanDetail> {
  const view = viewPlan(plan, deps.now());
  const [groups, blocked] = await Promise.all([
    deps.gcPlans.groupItems(plan.id, MAX_GROUPS),
    blockedBy(deps, view),
  ]);
  return { ...view, groups, blockedBy: blocked };
}

/** @throws ReleaseError PLAN_NOT_FOUND, PLAN_NOT_READY */
export async function requireRunnable(deps: PlanDeps, id: string): Promise<void> {
  const view = viewPlan(await findPlan(deps, id), deps.now());
  const why = await blockedBy(deps, view);
  if (why === null) return;
  const needsApproval = view.state === 'over-budget' || view.state === 'ready';
  const remedy = needsApproval
    ? `plura reg gc approve ${id} --reason …`
    : 'make a new one: plura reg gc --dry-run';
  throw new ReleaseError('PLAN_NOT_READY', `The plan ${id} may not run. ${why}`, {
    details: { field: 'plan', remedy },
  });
}
