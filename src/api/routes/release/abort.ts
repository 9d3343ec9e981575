import {
  DecisionAnswer,
  DecisionRequest,
  ReleaseParams,
} from '../../../contract/schema/api-release';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { toDecision } from '../../release/decision';
import { requireAbortRight, requireOpen, toDecisionAnswer } from '../../release/decide';
import { findRelease } from '../../release/find-release';
import { idempotencyId } from '../../request-id';
import { answers, MutationHeaders } from '../answers';

export function registerAbort(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/releases/:svc/:tag/abort',
    {
      // The lesser right opens the door; the handler asks for more when the release is another's.
      config: { permission: 'abortOwn' },
      schema: {
        summary: 'Abort a release, queued or running; what it did is undone',
        params: ReleaseParams,
        headers: MutationHeaders,
        body: DecisionRequest,
        response: answers({ 200: DecisionAnswer }),
      },
    },
    async (request) => {
      const release = await findRelease(deps, request.params);
      requireAbortRight(request.actor, release);
      requireOpen(release);
      const id = release.releaseId;
      const order = { actor: request.actor, action: 'abort', releaseId: id } as const;
      const decision = await toDecision(deps, order, request.body.reason);
      const result = await deps.orchestrator.abort(id, decision, idempotencyId(request));
      const answer = toDecisionAnswer(id, result);
      // A running release puts it in the audit trail itself; one that waits is no workflow yet.
      if (release.stage === 'queued') {
        await audit(deps, request, {
          action: 'abort',
          svc: release.svc,
          subject: id,
          details: { reason: request.body.reason, via: 'update' },
        });
      }
      return answer;
    },
  );
}
