import {
  ReleaseDigestAnswer,
  ReleaseDigestParams,
  ReleaseDigestRequest,
} from '../../../contract/schema/api-service';
import type { Api } from '../../api';
import { audit } from '../../audit';
import { findService, parseDigestInput } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

export function registerReleaseDigest(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/digests/:digest/release',
    {
      config: { permission: 'releaseDigest' },
      schema: {
        summary: 'Forget that a digest is bad, so that it may be promoted again',
        params: ReleaseDigestParams,
        headers: MutationHeaders,
        body: ReleaseDigestRequest,
        response: answers({ 200: ReleaseDigestAnswer }),
      },
    },
    async (request) => {
      const { svc } = findService(deps.catalog, request.body.svc);
      const digest = parseDigestInput(request.params.digest, 'digest');
      const { subject: actor } = request.actor;
      const { reason } = request.body;
      const at = deps.now().toISOString();
      const released = await deps.ledger.releaseBad(svc, digest, actor, reason, at);
      if (released) {
        await audit(deps, request, {
          action: 'digest.unblock',
          svc,
          subject: digest,
          details: { reason },
        });
      }
      return { svc, digest, released };
    },
  );
}
