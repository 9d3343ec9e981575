import { TurnaroundAnswer, TurnaroundQuery } from '../../../contract/schema/api-turnaround';
import type { Api } from '../../api';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answerTurnaround } from '../../turnaround/answer-turnaround';
import { answers } from '../answers';

export function registerTurnaround(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/turnaround',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Where the wall time of releases went, by service',
        querystring: TurnaroundQuery,
        response: answers({ 200: TurnaroundAnswer }),
      },
    },
    async ({ query }) => {
      if (query.svc !== undefined) findService(deps.catalog, query.svc);
      return answerTurnaround(deps, query);
    },
  );
}
