import { BaseApprovalRequest, BaseApprovalView } from '../../../contract/schema/api-base';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';
import { requireFamily } from './family';

export function registerAllowBase(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/bases/approvals',
    {
      config: { permission: 'approveBases' },
      schema: {
        summary: "Take a digest for the vendor's where that signs nothing, or what is found in it",
        headers: MutationHeaders,
        body: BaseApprovalRequest,
        response: answers({ 201: BaseApprovalView }),
      },
    },
    async (request, reply) => {
      const { digest, reason, acceptFindings: acceptsFindings } = request.body;
      const { name: family } = requireFamily(deps, request.body.family);
      const at = deps.now().toISOString();
      const approval = {
        ...{ family, digest, reason, acceptsFindings, at },
        approvedBy: request.actor.subject,
      };
      await deps.baseCatalogue.approve(approval);
      await audit(deps, request, {
        action: 'base.allow',
        svc: NO_SERVICE,
        subject: `${family}@${digest}`,
        details: { reason, acceptsFindings },
      });
      return reply.code(201).send(approval);
    },
  );
}
