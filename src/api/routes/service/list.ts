import { ServiceList } from '../../../contract/schema/api-service';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { summarize } from '../../service/describe-service';
import { answers } from '../answers';

export function registerListServices(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/services',
    {
      config: { permission: 'read' },
      schema: { summary: 'The service catalogue', response: answers({ 200: ServiceList }) },
    },
    async () => ({
      services: await Promise.all(
        deps.catalog.map(async (service) =>
          summarize(service, await deps.ledger.listChannels(service.svc)),
        ),
      ),
    }),
  );
}
