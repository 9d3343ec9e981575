import {
  DeleteFreezeAnswer,
  DeleteFreezeRequest,
  FreezeParams,
} from '../../../contract/schema/api-freeze';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { findFreeze } from '../../freeze/find-freeze';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerDeleteFreeze(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/freezes/:name/delete',
    {
      config: { permission: 'freeze' },
      schema: {
        summary: 'Let a freeze close nothing any more',
        params: FreezeParams,
        headers: MutationHeaders,
        body: DeleteFreezeRequest,
        response: answers({ 200: DeleteFreezeAnswer }),
      },
    },
    async (request) => {
      const { name, scope } = await findFreeze(deps, request.params.name);
      const { reason } = request.body;
      await deps.freezes.remove(name, request.actor.subject, reason, deps.now().toISOString());
      await audit(deps, request, {
        action: 'freeze.delete',
        svc: scope.svc ?? NO_SERVICE,
        subject: name,
        details: { reason },
      });
      return { name, deleted: true as const };
    },
  );
}
