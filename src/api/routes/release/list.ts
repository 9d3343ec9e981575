import { ListReleasesQuery, ReleaseList } from '../../../contract/schema/api-release';
import type { Api } from '../../api';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerListReleases(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/releases',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Releases, newest first',
        querystring: ListReleasesQuery,
        response: answers({ 200: ReleaseList }),
      },
    },
    async ({ query }) => {
      if (query.svc !== undefined) findService(deps.catalog, query.svc);
      const filter = { limit: query.limit, ...(query.svc !== undefined && { svc: query.svc }) };
      return { releases: [...(await deps.ledger.listReleases(filter))] };
    },
  );
}
