import { AllowListQuery, GrantList } from '../../../contract/schema/api-allow';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerListGrants(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/grants',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Grants in force, newest first',
        querystring: AllowListQuery,
        response: answers({ 200: GrantList }),
      },
    },
    async ({ query }) => ({ grants: await deps.allowList.listGrants(query) }),
  );
}
