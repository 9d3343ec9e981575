import { ReleaseError } from '../../../contract/errors';
import { CaseCloseRequest, CaseParams, CaseView } from '../../../contract/schema/api-advisory';
import type { CaseResolution } from '../../../domain/advisories/case';
import type { RecordedCase } from '../../../ports/advisory-cases';
import { caseClosed, describeCase, findCase, wakeCase } from '../../advisory/find-case';
import { requireExcepted } from '../../advisory/require-excepted';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

export function registerCloseCase(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/advisories/:id/close',
    {
      config: { permission: 'decideAdvisory' },
      schema: {
        summary:
          'Close a case as not affected: what it blocked is free again, gates judge as before',
        headers: MutationHeaders,
        params: CaseParams,
        body: CaseCloseRequest,
        response: answers({ 200: CaseView }),
      },
    },
    async (request) => {
      const { justification, reason, until = null } = request.body;
      const by = request.actor.subject;
      requireAhead(deps, until);
      const one = await findCase(deps, request.params.id);
      const { advisory } = one;
      const at = deps.now().toISOString();
      await close(deps, one, at, { kind: 'not-affected', justification, reason, by, until });
      const text = `Not affected, ${justification}: ${reason}${until === null ? '' : `, until ${until}`}`;
      await deps.advisoryCases.record(`advisory/${advisory}/${one.openedAt}/dismissed`, {
        ...{ advisory, at, kind: 'closed', text, actor: by },
      });
      const details = { justification, reason, until };
      await audit(deps, request, { action: 'advisory.close', svc: '', subject: advisory, details });
      await wakeCase(deps, advisory);
      return describeCase(await findCase(deps, advisory), deps.now().getTime());
    },
  );
}

function requireAhead({ now }: ApiDependencies, until: string | null): void {
  if (until === null || Date.parse(until) > now().getTime()) return;
  throw new ReleaseError('INVALID_INPUT', 'It would be over already', {
    details: { field: 'until', remedy: 'name a time ahead' },
  });
}

/** The same call again, as after a lost answer, finds it closed by the same words. */
async function close(
  deps: ApiDependencies,
  one: RecordedCase,
  at: string,
  resolution: CaseResolution & { readonly kind: 'not-affected' },
): Promise<void> {
  const { resolution: before } = one;
  if (before?.kind === 'not-affected') {
    const { by, reason } = before;
    if (by === resolution.by && reason === resolution.reason) return;
  }
  if (one.closedAt !== null) throw caseClosed(one);
  const { advisory } = one;
  const { justification, until } = resolution;
  if (justification === 'exception') await requireExcepted(deps, advisory, until);
  if (!(await deps.advisoryCases.close(advisory, at, resolution))) throw caseClosed(one);
}
