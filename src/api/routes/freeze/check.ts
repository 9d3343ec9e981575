import { FreezeCheck } from '../../../contract/schema/api-freeze';
import { ServiceParams } from '../../../contract/schema/api-service';
import type { Api } from '../../api';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { checkEdges } from '../../freeze/check-edges';
import { answers } from '../answers';

export function registerCheckFreeze(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/services/:svc/freeze',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'What is closed for a service now, when it opens, and what closes next',
        params: ServiceParams,
        response: answers({ 200: FreezeCheck }),
      },
    },
    async ({ params }) => checkEdges(deps, findService(deps.catalog, params.svc).svc),
  );
}
