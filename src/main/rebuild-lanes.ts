import { hashPlan } from '../contract/schema/plan';
import { hashPolicy } from '../contract/schema/policy';
import { planOf } from '../domain/plan-of';
import type { Policy } from '../domain/policy';
import type { Orchestrator } from '../orchestrator/orchestrator';
import type { RebuildLanes } from '../ports/rebuild-lanes';

/** Asks the lanes for rebuilds, by the policy and the services' plans as any other. */
export function createRebuildLanes(
  orchestrator: Pick<Orchestrator, 'getLane' | 'submitRelease'>,
  policy: Policy,
): RebuildLanes {
  const policyHash = hashPolicy(policy);
  return {
    look: async (svc) => {
      const { running, queued, hold, rollbackRunning } = await orchestrator.getLane(svc);
      const releases = [...(running ? [running] : []), ...queued].map((one) => one.releaseId);
      const closed = hold
        ? `its lane is held by ${hold.by}: ${hold.reason}`
        : rollbackRunning
          ? 'a rollback of it is under way'
          : null;
      return { releases, closed };
    },
    submit: async ({ path, of: digest, rollup, ...order }) => {
      const plan = planOf({ policy, service: order.service, given: null });
      await orchestrator.submitRelease(
        {
          ...order,
          origin: { kind: 'source', path },
          ...{ policy, policyHash, plan, planHash: hashPlan(plan) },
          rebuild: { digest, rollup },
        },
        // The lane takes a release once while it has it; an answer that says no is not to be the answer for ever.
        `rebuild:${order.releaseId}:${order.requestedAt}`,
      );
    },
  };
}
