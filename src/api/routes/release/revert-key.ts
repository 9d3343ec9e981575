import { ReleaseError } from '../../../contract/errors';
import { ReleaseParams, RevertKeyAnswer } from '../../../contract/schema/api-release';
import { revertKeySecret } from '../../../contract/schema/revert-key';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { findRelease } from '../../release/find-release';
import { answers } from '../answers';

export function registerRevertKey(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/releases/:svc/:tag/revert-key',
    {
      config: { permission: 'revealRevertKey' },
      schema: {
        summary: 'The revert key of the pin this release made',
        params: ReleaseParams,
        response: answers({ 200: RevertKeyAnswer }),
      },
    },
    async (request, reply) => {
      const { releaseId, revertKeyId } = await findRelease(deps, request.params);
      const key = revertKeyId === undefined ? null : await deps.ledger.getRevertKey(revertKeyId);
      if (!key) {
        throw new ReleaseError('NOT_WAITING', `${releaseId} has no revert key`, {
          details: {
            remedy: 'a first pin has none to go back to; others get theirs at prod:stable',
          },
        });
      }
      await audit(deps, request, {
        action: 'revert-key.show',
        svc: key.svc,
        subject: releaseId,
        details: { keyId: key.keyId },
      });
      const revertKey = await revertKeySecret((id, data) => deps.kms.mac(id, data), key.keyId);
      void reply.header('cache-control', 'no-store');
      return { releaseId, ...key, revertKey };
    },
  );
}
