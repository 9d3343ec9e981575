import { WormParams, WormRunAnswer, WormVerifyRequest } from '../../../contract/schema/api-worm';
import { serviceOfRepository } from '../../allow/service-of-repository';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { getSealedCopy } from '../../worm/copies';
import { answers, MutationHeaders } from '../answers';

export function registerVerifyWormCopy(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/incident-copies/:id/verify',
    {
      config: { permission: 'verifyCopies' },
      schema: {
        summary: 'Read an incident copy back, all of it, and compare hashes and locks',
        params: WormParams,
        headers: MutationHeaders,
        body: WormVerifyRequest,
        response: answers({ 202: WormRunAnswer }),
      },
    },
    async (request, reply) => {
      const { id, repository } = await getSealedCopy(deps, request.params.id);
      const run = await deps.orchestrator.worm.verify({ id });
      await audit(deps, request, {
        action: 'worm.verify',
        svc: serviceOfRepository(repository),
        subject: id,
        details: { started: run.started },
      });
      return reply.code(202).send({ id, ...run });
    },
  );
}
