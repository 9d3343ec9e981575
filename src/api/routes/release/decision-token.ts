import {
  DecisionTokenAnswer,
  DecisionTokenRequest,
  ReleaseParams,
} from '../../../contract/schema/api-release';
import { DECISION_TOKEN_TTL_S } from '../../../contract/schema/decision-token';
import { MESSAGES } from '../../../contract/messages';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { webUiUrl } from '../../links';
import { mintToken } from '../../release/decision';
import { requireAbortRight, requireApproveRight, requireOpen } from '../../release/decide';
import { findRelease } from '../../release/find-release';
import { answers } from '../answers';

export function registerDecisionToken(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/releases/:svc/:tag/decision-token',
    {
      config: { permission: 'mintDecisionToken' },
      schema: {
        summary: 'A single-use token to approve or abort by signal in Temporal Web UI',
        params: ReleaseParams,
        body: DecisionTokenRequest,
        response: answers({ 200: DecisionTokenAnswer }),
      },
    },
    async (request, reply) => {
      const { params, body, actor } = request;
      const { action } = body;
      const release = await findRelease(deps, params);
      const { releaseId } = release;
      requireOpen(release);
      if (action === 'approve') requireApproveRight(deps, actor, release);
      else requireAbortRight(actor, release);
      await audit(deps, request, {
        action: 'decision-token.mint',
        svc: release.svc,
        subject: releaseId,
        details: { action },
      });
      const nowMs = deps.now().getTime();
      const token = await mintToken(deps, { actor, action, releaseId }, nowMs);
      void reply.header('cache-control', 'no-store');
      return {
        releaseId,
        action,
        token,
        expiresAt: new Date(nowMs + DECISION_TOKEN_TTL_S * 1000).toISOString(),
        signal: { name: MESSAGES[action], argument: JSON.stringify({ token }) },
        webUiUrl: webUiUrl(deps.webUi, releaseId),
      };
    },
  );
}
