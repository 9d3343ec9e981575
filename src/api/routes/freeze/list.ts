import { FreezeList, FreezeQuery } from '../../../contract/schema/api-freeze';
import type { Api } from '../../api';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { describeFreeze } from '../../freeze/describe-freeze';
import { answers } from '../answers';

export function registerListFreezes(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/freezes',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Freezes with their next three times, and where the line is stopped',
        querystring: FreezeQuery,
        response: answers({ 200: FreezeList }),
      },
    },
    async ({ query: { svc: asked, all, limit } }) => {
      const svc = asked === undefined ? {} : { svc: findService(deps.catalog, asked).svc };
      const [freezes, stops] = await Promise.all([
        deps.freezes.list({ ...svc, all, limit }),
        deps.freezes.stops(),
      ]);
      return {
        freezes: freezes.map((freeze) => describeFreeze(deps, freeze)),
        stops: stops.filter((stop) => asked === undefined || [null, asked].includes(stop.svc)),
      };
    },
  );
}
