import { QuarantineList, QuarantineQuery } from '../../../contract/schema/api-quarantine';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerListQuarantine(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/quarantine',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Quarantined digests, newest first',
        querystring: QuarantineQuery,
        response: answers({ 200: QuarantineList }),
      },
    },
    async ({ query }) => ({ entries: await deps.quarantine.list(query) }),
  );
}
