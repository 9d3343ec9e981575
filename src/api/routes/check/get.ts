import { ChecksQuery, ChecksView } from '../../../contract/schema/api-check';
import type { Api } from '../../api';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerGetChecks(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/checks',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'What the check of what runs found, and what it did by itself',
        querystring: ChecksQuery,
        response: answers({ 200: ChecksView }),
      },
    },
    async ({ query: { svc, after, limit } }) => {
      const overview = await deps.orchestrator.checks.overview();
      if (svc === undefined) {
        const page = { limit, ...(after !== undefined && { after }) };
        return { ...overview, checks: await deps.checks.newest(page), rollbacks: [] };
      }
      findService(deps.catalog, svc);
      const [checks, rollbacks] = await Promise.all([
        deps.checks.history(svc, limit),
        deps.checks.rollbacks(svc, limit),
      ]);
      return { ...overview, checks, rollbacks };
    },
  );
}
