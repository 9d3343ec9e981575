import { CaseNoteRequest, CaseParams, CaseView } from '../../../contract/schema/api-advisory';
import { describeCase, findCase } from '../../advisory/find-case';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { idempotencyId } from '../../request-id';
import { answers, MutationHeaders } from '../answers';

export function registerNoteCase(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/advisories/:id/notes',
    {
      config: { permission: 'noteAdvisory' },
      schema: {
        summary: 'Write what was found or done into the timeline of an advisory',
        headers: MutationHeaders,
        params: CaseParams,
        body: CaseNoteRequest,
        response: answers({ 201: CaseView }),
      },
    },
    async (request, reply) => {
      const { text } = request.body;
      const one = await findCase(deps, request.params.id);
      const { advisory } = one;
      const at = deps.now().toISOString();
      const actor = request.actor.subject;
      const key = `advisory/${advisory}/note/${idempotencyId(request)}`;
      await deps.advisoryCases.record(key, { advisory, at, kind: 'note', text, actor });
      const details = { text };
      await audit(deps, request, { action: 'advisory.note', svc: '', subject: advisory, details });
      void reply.code(201);
      return describeCase(one, deps.now().getTime());
    },
  );
}
