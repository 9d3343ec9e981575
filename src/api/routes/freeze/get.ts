import { FreezeParams, FreezeView } from '../../../contract/schema/api-freeze';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { describeFreeze } from '../../freeze/describe-freeze';
import { findFreeze } from '../../freeze/find-freeze';
import { answers } from '../answers';

export function registerGetFreeze(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/freezes/:name',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'One freeze with its next three times',
        params: FreezeParams,
        response: answers({ 200: FreezeView }),
      },
    },
    async ({ params }) => describeFreeze(deps, await findFreeze(deps, params.name)),
  );
}
