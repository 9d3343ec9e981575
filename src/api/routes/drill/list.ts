import { DrillList, DrillQuery } from '../../../contract/schema/api-drill';
import type { Api } from '../../api';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerListDrills(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/drills',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Rollback drills, newest first, and when the next one begins',
        querystring: DrillQuery,
        response: answers({ 200: DrillList }),
      },
    },
    async ({ query: { svc: asked, limit } }) => {
      const svc = asked === undefined ? {} : { svc: findService(deps.catalog, asked).svc };
      const [{ schedule, running }, reports] = await Promise.all([
        deps.orchestrator.drill.state(),
        deps.drills.listReports({ ...svc, limit }),
      ]);
      return { schedule, running, reports };
    },
  );
}
