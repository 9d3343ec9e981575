import { ReleaseError } from '../../../contract/errors';
import { CaseExtendRequest, CaseParams, CaseView } from '../../../contract/schema/api-advisory';
import type { CaseExtension } from '../../../domain/advisories/case';
import { extendedDue } from '../../../domain/advisories/case-clock';
import { advisoryPolicyOf } from '../../../domain/advisories/policy';
import type { RecordedCase } from '../../../ports/advisory-cases';
import { caseClosed, describeCase, findCase, wakeCase } from '../../advisory/find-case';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

export function registerExtendCase(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/advisories/:id/extend',
    {
      config: { permission: 'decideAdvisory' },
      schema: {
        summary: 'Add to the clock of an open case, once, with a reason',
        headers: MutationHeaders,
        params: CaseParams,
        body: CaseExtendRequest,
        response: answers({ 200: CaseView }),
      },
    },
    async (request) => {
      const { by: byMs, reason } = request.body;
      const actor = request.actor.subject;
      requireWithin(deps, byMs);
      const one = await findCase(deps, request.params.id);
      const { advisory } = one;
      const extension = await extend(deps, one, { byMs, reason, actor });
      const details = { reason, from: one.dueAt, dueAt: extension.dueAt };
      await deps.advisoryCases.record(`advisory/${advisory}/${one.openedAt}/extended`, {
        ...{ advisory, at: extension.at, kind: 'extended', actor },
        text: `Due at ${extension.dueAt}: ${reason}`,
      });
      await audit(deps, request, {
        action: 'advisory.extend',
        svc: '',
        subject: advisory,
        details,
      });
      await wakeCase(deps, advisory);
      return describeCase(await findCase(deps, advisory), deps.now().getTime());
    },
  );
}

function requireWithin({ policy }: ApiDependencies, byMs: number): void {
  const { maxExtensionMs } = advisoryPolicyOf(policy);
  if (byMs <= maxExtensionMs) return;
  const hours = maxExtensionMs / 3_600_000;
  throw new ReleaseError('INVALID_INPUT', `The policy adds ${hours} h at most`, {
    details: { field: 'by', remedy: 'say less, or close what can not be done in time as it is' },
  });
}

interface Ask {
  readonly byMs: number;
  readonly reason: string;
  readonly actor: string;
}

/** The same call again, as after a lost answer, is the same extension. */
async function extend(
  { advisoryCases, now }: ApiDependencies,
  one: RecordedCase,
  { byMs, reason, actor }: Ask,
): Promise<CaseExtension> {
  const { advisory, extension: before } = one;
  if (one.closedAt !== null) throw caseClosed(one);
  if (before?.by === actor && before.reason === reason) return before;
  const extension = { dueAt: extendedDue(one, byMs), reason, by: actor, at: now().toISOString() };
  if (!before && (await advisoryCases.extend(advisory, extension))) return extension;
  throw new ReleaseError('CASE_EXTENDED', `The clock of ${advisory} was extended before`, {
    details: { remedy: `see by whom: plura reg cve timeline ${advisory}` },
  });
}
