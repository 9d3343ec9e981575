import { WormCopyView, WormHoldRequest } from '../../../contract/schema/api-worm';
import { serviceOfRepository } from '../../allow/service-of-repository';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { idempotencyId, shortId } from '../../request-id';
import { readImage } from '../../worm/copies';
import { readLockUntil } from '../../worm/lock-until';
import { answers, MutationHeaders } from '../answers';

export function registerAddWormCopy(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/incident-copies',
    {
      config: { permission: 'copyIncident' },
      schema: {
        summary: 'Copy a digest with all that belongs to it where nobody can delete it',
        headers: MutationHeaders,
        body: WormHoldRequest,
        response: answers({ 202: WormCopyView }),
      },
    },
    async (request, reply) => {
      const { image, reason } = request.body;
      const now = deps.now();
      const lockUntil = readLockUntil(request.body.lockUntil, now, now);
      const { repository, digest } = await readImage(deps, image);
      // Said now, and not by a workflow that fails a moment later.
      await deps.worm.check();
      const id = shortId('worm', idempotencyId(request));
      const by = request.actor.subject;
      const requestedAt = now.toISOString();
      const order = { id, digest, repository, reason, by, requestedAt, lockUntil };
      await audit(deps, request, {
        action: 'worm.hold',
        svc: serviceOfRepository(repository),
        subject: digest,
        details: { id, repository, reason, lockUntil },
      });
      const copy = await deps.wormCopies.begin(order);
      // The same request again, of one that has ended: how it ended is the answer.
      if (copy.state === 'copying') await deps.orchestrator.worm.hold({ order });
      return reply.code(202).send(copy);
    },
  );
}
