import {
  ApproveRequest,
  DecisionAnswer,
  ReleaseParams,
} from '../../../contract/schema/api-release';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { toDecision } from '../../release/decision';
import { requireApproveRight, requireOpen, toDecisionAnswer } from '../../release/decide';
import { findRelease } from '../../release/find-release';
import { idempotencyId } from '../../request-id';
import { answers, MutationHeaders } from '../answers';

export function registerApprove(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/releases/:svc/:tag/approve',
    {
      config: { permission: 'approve' },
      schema: {
        summary: 'Approve a release that waits for it',
        params: ReleaseParams,
        headers: MutationHeaders,
        body: ApproveRequest,
        response: answers({ 200: DecisionAnswer }),
      },
    },
    async (request) => {
      const release = await findRelease(deps, request.params);
      requireOpen(release);
      requireApproveRight(deps, request.actor, release);
      const id = release.releaseId;
      const order = { actor: request.actor, action: 'approve', releaseId: id } as const;
      const decision = await toDecision(deps, order, request.body.reason);
      const result = await deps.orchestrator.approve(id, decision, idempotencyId(request));
      // The workflow puts it in the audit trail, as it does with one that came by signal.
      return toDecisionAnswer(id, result);
    },
  );
}
