import { PlanRequest, PlanView } from '../../../contract/schema/api-plan';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { describePlan } from '../../plan/describe-plan';
import { answers } from '../answers';

export function registerDescribePlan(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/plan',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Merge a canary plan over policy and catalogue, and check it; nothing starts',
        body: PlanRequest,
        response: answers({ 200: PlanView }),
      },
    },
    async ({ body }) => describePlan(deps, body),
  );
}
