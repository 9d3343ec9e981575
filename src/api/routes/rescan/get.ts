import { RescanQuery, RescanView } from '../../../contract/schema/api-rescan';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { keptImages, readTarget } from '../../rescan/kept-images';
import { answers } from '../answers';

export function registerGetRescans(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/rescans',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Rescans of what is kept: when they run next, what they found, and the verdicts',
        querystring: RescanQuery,
        response: answers({ 200: RescanView }),
      },
    },
    async ({ query: { of } }) => {
      const target = of === undefined ? null : readTarget(deps, of);
      const [overview, images] = await Promise.all([
        deps.orchestrator.rescans.overview(),
        target && keptImages(deps, target),
      ]);
      return { ...overview, images };
    },
  );
}
