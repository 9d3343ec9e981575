import { WormExtendRequest, WormParams, WormRunAnswer } from '../../../contract/schema/api-worm';
import { serviceOfRepository } from '../../allow/service-of-repository';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { getSealedCopy } from '../../worm/copies';
import { readLockUntil } from '../../worm/lock-until';
import { answers, MutationHeaders } from '../answers';

export function registerExtendWormCopy(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/incident-copies/:id/extend',
    {
      config: { permission: 'copyIncident' },
      schema: {
        summary: 'Lock an incident copy for longer; never for less',
        params: WormParams,
        headers: MutationHeaders,
        body: WormExtendRequest,
        response: answers({ 202: WormRunAnswer }),
      },
    },
    async (request, reply) => {
      const copy = await getSealedCopy(deps, request.params.id);
      const now = deps.now();
      const { id } = copy;
      const until = readLockUntil(request.body.lockUntil, new Date(copy.lockUntil), now);
      await audit(deps, request, {
        action: 'worm.extend',
        svc: serviceOfRepository(copy.repository),
        subject: copy.digest,
        details: { id, from: copy.lockUntil, until },
      });
      const by = request.actor.subject;
      const run = await deps.orchestrator.worm.extend({ id, until, by, at: now.toISOString() });
      return reply.code(202).send({ id, ...run });
    },
  );
}
