import { ReleaseParams } from '../../../contract/schema/api-release';
import { ListVerdictsQuery, VerdictList } from '../../../contract/schema/api-verdict';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { findRelease } from '../../release/find-release';
import { listVerdicts } from '../../verdict/list-verdicts';
import { answers } from '../answers';

export function registerListVerdicts(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/releases/:svc/:tag/verdicts',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Verdicts of a release with all their evidence',
        params: ReleaseParams,
        querystring: ListVerdictsQuery,
        response: answers({ 200: VerdictList }),
      },
    },
    async ({ params, query }) => listVerdicts(deps.ledger, await findRelease(deps, params), query),
  );
}
