import { ReleaseError } from '../../../contract/errors';
import {
  GcDiffRequest,
  GcDiffView,
  GcExplainQuery,
  GcExplanation,
} from '../../../contract/schema/api-gc';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { gcPolicyOf, readGcPolicy } from '../../gc/policy';
import { readReference } from '../../gc/read-reference';
import { idempotencyId } from '../../request-id';
import { answers, MutationHeaders } from '../answers';

export function registerExplainGc(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/gc/explain',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Why a tag or a digest stays, or by which rule it goes, as things are now',
        querystring: GcExplainQuery,
        response: answers({ 200: GcExplanation }),
      },
    },
    async (request) => {
      const reference = readReference(request.query.ref);
      const answer = await deps.orchestrator.gc.ask(
        { question: { kind: 'explain', ...reference }, policy: gcPolicyOf(deps.policy) },
        request.id,
      );
      if (answer.kind === 'explain') return answer.explanation;
      throw new ReleaseError('INTERNAL', 'Another question was answered');
    },
  );
}

export function registerDiffGc(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/gc/diff',
    {
      config: { permission: 'collect' },
      schema: {
        summary: 'What another policy would delete that this one keeps, and the other way round',
        headers: MutationHeaders,
        body: GcDiffRequest,
        response: answers({ 200: GcDiffView }),
      },
    },
    async (request) => {
      const { policy, repo = null } = request.body;
      const after = readGcPolicy(policy, deps.policy);
      const question = { kind: 'diff', repository: repo, after } as const;
      const answer = await deps.orchestrator.gc.ask(
        { question, policy: gcPolicyOf(deps.policy) },
        idempotencyId(request),
      );
      if (answer.kind === 'diff') return answer.diff;
      throw new ReleaseError('INTERNAL', 'Another question was answered');
    },
  );
}
