import { ReleaseError } from '../../../contract/errors';
import { DrillParams, DrillReportView } from '../../../contract/schema/api-drill';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerGetDrill(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/drills/:id',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'The report of one rollback drill, step by step',
        params: DrillParams,
        response: answers({ 200: DrillReportView }),
      },
    },
    async ({ params: { id } }) => {
      const report = await deps.drills.getReport(id);
      if (report) return report;
      throw new ReleaseError('DRILL_NOT_FOUND', `There is no report of a drill "${id}"`, {
        details: { field: 'id', remedy: 'see what there is: plura reg drill list' },
      });
    },
  );
}
