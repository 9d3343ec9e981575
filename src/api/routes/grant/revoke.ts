import { ReleaseError } from '../../../contract/errors';
import { EndQuery, GrantParams, GrantView } from '../../../contract/schema/api-allow';
import { imageReference } from '../../../domain/reference';
import { serviceOfRepository } from '../../allow/service-of-repository';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

/** Revoking only takes away, so whoever may grant at all may revoke in prod too. */
export function registerRevokeGrant(app: Api, deps: ApiDependencies): void {
  app.delete(
    '/v1/registry/grants/:id',
    {
      config: { permission: 'grant' },
      schema: {
        summary: 'Let a grant let in nothing any more',
        params: GrantParams,
        querystring: EndQuery,
        headers: MutationHeaders,
        response: answers({ 200: GrantView }),
      },
    },
    async (request) => {
      const { id } = request.params;
      const { reason } = request.query;
      const at = deps.now().toISOString();
      const revoked = await deps.allowList.revokeGrant(id, request.actor.subject, reason, at);
      if (!revoked) {
        throw new ReleaseError('GRANT_NOT_FOUND', `There is no grant "${id}"`, {
          details: { field: 'id', remedy: 'see what there is: plura reg allow list' },
        });
      }
      await audit(deps, request, {
        action: 'grant.revoke',
        svc: serviceOfRepository(revoked.repository),
        subject: imageReference(revoked),
        details: { id, reason },
      });
      return revoked;
    },
  );
}
