import { ReleaseParams, ReleaseView } from '../../../contract/schema/api-release';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { findRelease, toView } from '../../release/find-release';
import { answers } from '../answers';

export function registerGetRelease(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/releases/:svc/:tag',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'One release with its steps and verdicts',
        params: ReleaseParams,
        response: answers({ 200: ReleaseView }),
      },
    },
    async ({ params }) => toView(deps, await findRelease(deps, params)),
  );
}
