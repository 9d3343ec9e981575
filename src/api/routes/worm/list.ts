import { WormCopyList, WormQuery } from '../../../contract/schema/api-worm';
import type { Api } from '../../api';
import { parseDigestInput } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerListWormCopies(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/incident-copies',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Incident copies, newest first',
        querystring: WormQuery,
        response: answers({ 200: WormCopyList }),
      },
    },
    async ({ query: { digest, limit } }) => {
      const of = digest === undefined ? {} : { digest: parseDigestInput(digest, 'digest') };
      return { copies: await deps.wormCopies.list({ ...of, limit }) };
    },
  );
}
