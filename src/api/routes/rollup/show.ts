import {
  RollupList,
  RollupParams,
  RollupQuery,
  RollupView,
} from '../../../contract/schema/api-rollup';
import { countStates } from '../../../domain/rollup/report';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { findRollup } from '../../rollup/find-rollup';
import { answers } from '../answers';

export function registerGetRollup(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/rollups/:id',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'How far a rollup is, or how it ended, service by service',
        params: RollupParams,
        response: answers({ 200: RollupView }),
      },
    },
    ({ params: { id } }) => findRollup(deps, id),
  );
}

export function registerListRollups(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/rollups',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Rollups, newest first, and when the next one begins',
        querystring: RollupQuery,
        response: answers({ 200: RollupList }),
      },
    },
    async ({ query: { limit } }) => {
      const [{ schedule }, rollups] = await Promise.all([
        deps.orchestrator.rollups.schedule(),
        deps.rollups.list(limit),
      ]);
      return {
        schedule,
        rollups: rollups.map(({ tasks, ...rest }) => ({ ...rest, counts: countStates(tasks) })),
      };
    },
  );
}
