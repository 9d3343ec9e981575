import { GrantRequest, GrantView } from '../../../contract/schema/api-allow';
import { imageReference } from '../../../domain/reference';
import { readGrant } from '../../allow/read-grant';
import { serviceOfRepository } from '../../allow/service-of-repository';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { idempotencyId, shortId } from '../../request-id';
import { answers, MutationHeaders } from '../answers';

export function registerAddGrant(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/grants',
    {
      config: { permission: 'grant' },
      schema: {
        summary: 'Let a digest run where the channels do not, for a time',
        headers: MutationHeaders,
        body: GrantRequest,
        response: answers({ 201: GrantView }),
      },
    },
    async (request, reply) => {
      const id = shortId('grant', idempotencyId(request));
      const grant = readGrant(deps, request.body, request.actor, id);
      const added = await deps.allowList.addGrant(grant);
      const { namespaces, environment, owner, reason, expiresAt } = added;
      await audit(deps, request, {
        action: 'grant.add',
        svc: serviceOfRepository(added.repository),
        subject: imageReference(added),
        details: { id, namespaces, environment, owner, reason, expiresAt },
      });
      void reply.code(201);
      return added;
    },
  );
}
