import { WormCopyView, WormParams } from '../../../contract/schema/api-worm';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { getCopy } from '../../worm/copies';
import { answers } from '../answers';

export function registerGetWormCopy(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/incident-copies/:id',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'An incident copy: how far it is, until when it is locked, when it was read back',
        params: WormParams,
        response: answers({ 200: WormCopyView }),
      },
    },
    async ({ params }) => getCopy(deps, params.id),
  );
}
