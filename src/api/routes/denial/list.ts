import { AllowListQuery, DenialList } from '../../../contract/schema/api-allow';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerListDenials(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/denials',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Denied digests, newest first',
        querystring: AllowListQuery,
        response: answers({ 200: DenialList }),
      },
    },
    async ({ query }) => ({ denials: await deps.allowList.listDenials(query) }),
  );
}
