import { CaseList, CaseQuery } from '../../../contract/schema/api-advisory';
import { describeCase } from '../../advisory/find-case';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerListCases(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/advisories',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Cases of advisories: open ones soonest due first, then closed ones newest first',
        querystring: CaseQuery,
        response: answers({ 200: CaseList }),
      },
    },
    async ({ query: { state, limit } }) => {
      const cases = await deps.advisoryCases.list(state, limit);
      const nowMs = deps.now().getTime();
      return { cases: cases.map((one) => describeCase(one, nowMs)) };
    },
  );
}
