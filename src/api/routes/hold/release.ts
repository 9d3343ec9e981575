import { ReleaseError } from '../../../contract/errors';
import { EndQuery, HoldParams, HoldView } from '../../../contract/schema/api-allow';
import { serviceOfRepository } from '../../allow/service-of-repository';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

export function registerReleaseHold(app: Api, deps: ApiDependencies): void {
  app.delete(
    '/v1/registry/holds/:id',
    {
      config: { permission: 'holdDigest' },
      schema: {
        summary: 'End a hold; others of the same digest stay',
        params: HoldParams,
        querystring: EndQuery,
        headers: MutationHeaders,
        response: answers({ 200: HoldView }),
      },
    },
    async (request) => {
      const { id } = request.params;
      const { reason } = request.query;
      const at = deps.now().toISOString();
      const released = await deps.allowList.releaseHold(id, request.actor.subject, reason, at);
      if (!released) {
        throw new ReleaseError('HOLD_NOT_FOUND', `There is no hold "${id}"`, {
          details: { field: 'id', remedy: 'see what there is: plura reg keep list' },
        });
      }
      await audit(deps, request, {
        action: 'hold.release',
        svc: serviceOfRepository(released.repository),
        subject: released.digest,
        details: { id, reason },
      });
      return released;
    },
  );
}
