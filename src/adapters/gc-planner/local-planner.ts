import { createHash } from 'node:crypto';
import { diffGc } from '../../domain/gc/diff';
import { explainGc } from '../../domain/gc/explain';
import { planGc } from '../../domain/gc/make-plan';
import type { GcPlanner } from '../../ports/gc-planner';
import type { GcPlans } from '../../ports/gc-plans';
import { lookAround, type LookParts } from './look';

export interface PlannerParts extends LookParts {
  readonly plans: Pick<GcPlans, 'savePlan'>;
}

function sha256(text: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const part of text) hash.update(part);
  return hash.digest('hex');
}

/** Plans where it is called: with a large registry it holds up its thread for seconds. */
export function createLocalPlanner(parts: PlannerParts): GcPlanner {
  return {
    plan: async ({ repository, policy, policyHash, madeBy }, planning) => {
      const looked = await lookAround(parts, [policy], planning);
      const { items, ...header } = planGc({ ...looked, policy, policyHash, repository, sha256 });
      planning.signal.throwIfAborted();
      planning.note(`${items.length} items; writing the plan`);
      await parts.plans.savePlan({ ...header, items }, madeBy);
      return header;
    },
    explain: async ({ policy, repository, reference }, planning) => {
      const looked = await lookAround(parts, [policy], planning);
      return explainGc({ ...looked, policy }, repository, reference);
    },
    diff: async ({ before, after, repository, limit }, planning) => {
      const looked = await lookAround(parts, [before, after], planning);
      return diffGc({ ...looked, before, after, repository, limit });
    },
  };
}
