import { ReleaseError } from '../../../contract/errors';
import { HoldRequest, HoldView } from '../../../contract/schema/api-allow';
import { readDigestOf } from '../../allow/read-image';
import { serviceOfRepository } from '../../allow/service-of-repository';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { idempotencyId, shortId } from '../../request-id';
import { answers, MutationHeaders } from '../answers';

export function registerAddHold(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/holds',
    {
      config: { permission: 'holdDigest' },
      schema: {
        summary: 'Keep a digest whatever retention says; it may run where a channel once let it in',
        headers: MutationHeaders,
        body: HoldRequest,
        response: answers({ 201: HoldView }),
      },
    },
    async (request, reply) => {
      const { image, reason } = request.body;
      const { repository, digest } = readDigestOf(image);
      const now = deps.now();
      const until = readEnd(request.body.until, now);
      const id = shortId('hold', idempotencyId(request));
      const by = request.actor.subject;
      const hold = { id, digest, repository, reason, by, at: now.toISOString(), until };
      const added = await deps.allowList.addHold(hold);
      await audit(deps, request, {
        action: 'hold.add',
        svc: serviceOfRepository(repository),
        subject: digest,
        details: { id, repository, reason, until: added.until },
      });
      void reply.code(201);
      return added;
    },
  );
}

function readEnd(until: string | undefined, now: Date): string | null {
  if (until === undefined) return null;
  const end = new Date(until);
  if (end > now) return end.toISOString();
  throw new ReleaseError('INVALID_INPUT', `The hold would have ended at ${until}`, {
    details: { field: 'until', remedy: 'give a time to come, or none to hold until released' },
  });
}
