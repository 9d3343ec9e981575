import { HistoryAnswer, HistoryQuery, ServiceParams } from '../../../contract/schema/api-service';
import type { Api } from '../../api';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerHistory(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/services/:svc/history',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Channel moves, newest first',
        params: ServiceParams,
        querystring: HistoryQuery,
        response: answers({ 200: HistoryAnswer }),
      },
    },
    async ({ params, query }) => {
      const { svc } = findService(deps.catalog, params.svc);
      return { svc, history: await deps.ledger.history(svc, query.limit) };
    },
  );
}
