import { ServiceParams, ServiceView } from '../../../contract/schema/api-service';
import type { Api } from '../../api';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { describeService } from '../../service/describe-service';
import { answers } from '../answers';

export function registerGetService(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/services/:svc',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Channels, lane and bad digests of a service',
        params: ServiceParams,
        response: answers({ 200: ServiceView }),
      },
    },
    async ({ params }) => describeService(deps, findService(deps.catalog, params.svc)),
  );
}
