import { AllowListQuery, HoldList } from '../../../contract/schema/api-allow';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerListHolds(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/holds',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Held digests, newest first',
        querystring: AllowListQuery,
        response: answers({ 200: HoldList }),
      },
    },
    async ({ query }) => ({ holds: await deps.allowList.listHolds(query) }),
  );
}
