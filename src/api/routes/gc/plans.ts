import {
  GcItemList,
  GcItemQuery,
  GcPlanDetail,
  GcPlanList,
  GcPlanParams,
  GcPlansQuery,
} from '../../../contract/schema/api-gc';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { describePlan, findPlan, viewPlan } from '../../gc/find-plan';
import { answers } from '../answers';

export function registerListGcPlans(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/gc/plans',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Plans of clean-ups and what became of them, newest first',
        querystring: GcPlansQuery,
        response: answers({ 200: GcPlanList }),
      },
    },
    async ({ query: { repo, limit } }) => {
      const [{ schedule }, plans] = await Promise.all([
        deps.orchestrator.gc.schedule.state(),
        deps.gcPlans.listPlans({ ...(repo !== undefined && { repository: repo }), limit }),
      ]);
      return { schedule, plans: plans.map((plan) => viewPlan(plan, deps.now())) };
    },
  );
}

export function registerGetGcPlan(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/gc/plans/:id',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'A plan, with what it deletes by repository and rule',
        params: GcPlanParams,
        response: answers({ 200: GcPlanDetail }),
      },
    },
    async ({ params: { id } }) => describePlan(deps, await findPlan(deps, id)),
  );
}

export function registerListGcItems(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/gc/plans/:id/items',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'What a plan deletes, item by item, with the evidence and what became of it',
        params: GcPlanParams,
        querystring: GcItemQuery,
        response: answers({ 200: GcItemList }),
      },
    },
    async ({ params: { id }, query: { from, limit } }) => {
      await findPlan(deps, id);
      const found = await deps.gcPlans.listItems(id, { from, limit: limit + 1 });
      return { items: found.slice(0, limit), next: found[limit]?.ordinal ?? null };
    },
  );
}
