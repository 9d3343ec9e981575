import type { PlanHeader } from './plan';
import type { RetentionPolicy } from './retention';

export interface RunFacts {
  readonly plan: Pick<PlanHeader, 'breaches' | 'totals'>;
  /** A person approved some plan of this registry once. */
  readonly wasAnyApproved: boolean;
  /** Whoever asked for the plan: a person who wants it run, or the Schedule. */
  readonly by: 'person' | 'schedule';
}

/** nothing: there is nothing to delete. waits: for a person, and why. */
export type RunDecision =
  { readonly kind: 'run' | 'nothing' } | { readonly kind: 'waits'; readonly reason: string };

const waits = (reason: string): RunDecision => ({ kind: 'waits', reason });

/** Whether a plan that was just made is executed without anybody looking at it. */
export function decideRun(
  { plan, wasAnyApproved, by }: RunFacts,
  { firstRun, automatic }: Pick<RetentionPolicy, 'firstRun' | 'automatic'>,
): RunDecision {
  const [breach] = plan.breaches;
  if (breach) {
    const more = plan.breaches.length - 1;
    return waits(`${breach.why}${more > 0 ? `, and ${more} more` : ''}`);
  }
  if (plan.totals.deleteTags + plan.totals.deleteManifests === 0) return { kind: 'nothing' };
  if (firstRun === 'report' && !wasAnyApproved) {
    return waits('No plan of this registry was approved by a person yet');
  }
  if (by === 'schedule' && !automatic) return waits('The policy runs no plans by itself');
  return { kind: 'run' };
}
