import { ReleaseError } from '../../../contract/errors';
import { DenialParams, EndQuery, LiftAnswer } from '../../../contract/schema/api-allow';
import type { Api } from '../../api';
import { audit } from '../../audit';
import { parseDigestInput } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerLiftDenial(app: Api, deps: ApiDependencies): void {
  app.delete(
    '/v1/registry/denials/:digest',
    {
      config: { permission: 'deny' },
      schema: {
        summary: 'Let a denied digest run again where something else lets it in',
        params: DenialParams,
        querystring: EndQuery,
        headers: MutationHeaders,
        response: answers({ 200: LiftAnswer }),
      },
    },
    async (request) => {
      const digest = parseDigestInput(request.params.digest, 'digest');
      const { reason } = request.query;
      const at = deps.now().toISOString();
      const { subject } = request.actor;
      if (!(await deps.allowList.liftDenial(digest, subject, reason, at))) {
        throw new ReleaseError('NOT_DENIED', `${digest} itself is not denied`, {
          details: { field: 'digest', remedy: 'see what is: plura reg deny list' },
        });
      }
      await audit(deps, request, {
        action: 'denial.lift',
        svc: NO_SERVICE,
        subject: digest,
        details: { reason },
      });
      return { digest, lifted: true as const };
    },
  );
}
