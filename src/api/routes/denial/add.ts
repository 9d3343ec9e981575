import { DenialRequest, DenialView } from '../../../contract/schema/api-allow';
import { readDigestOf } from '../../allow/read-image';
import { serviceOfRepository } from '../../allow/service-of-repository';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

export function registerAddDenial(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/denials',
    {
      config: { permission: 'deny' },
      schema: {
        summary:
          'Nobody may run a digest, whatever channels and grants say; it may still be pulled',
        headers: MutationHeaders,
        body: DenialRequest,
        response: answers({ 201: DenialView }),
      },
    },
    async (request, reply) => {
      const { image, reason } = request.body;
      const { repository, digest } = readDigestOf(image);
      const by = request.actor.subject;
      const at = deps.now().toISOString();
      const denial = await deps.allowList.addDenial({ digest, repository, reason, by, at });
      await audit(deps, request, {
        action: 'denial.add',
        svc: serviceOfRepository(repository),
        subject: digest,
        details: { repository, reason },
      });
      void reply.code(201);
      return denial;
    },
  );
}
