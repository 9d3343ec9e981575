import { advisoryCaseWorkflowId } from '../../../contract/ids';
import { CaseDetail, CaseParams } from '../../../contract/schema/api-advisory';
import type { RecordedCase } from '../../../ports/advisory-cases';
import { describeCase, findCase } from '../../advisory/find-case';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

const MAX_HITS = 500;

export function registerGetCase(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/advisories/:id',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'The open case of an advisory, else the newest: what it hits, and what was done',
        params: CaseParams,
        response: answers({ 200: CaseDetail }),
      },
    },
    async ({ params: { id } }) => describeDetail(deps, await findCase(deps, id)),
  );
}

async function describeDetail(
  { advisoryCases: cases, now }: ApiDependencies,
  one: RecordedCase,
): Promise<CaseDetail> {
  const { advisory } = one;
  const [hits, acts, timeline] = await Promise.all([
    cases.hitsOf(advisory),
    cases.acts(advisory),
    cases.timeline(advisory),
  ]);
  const doneTo = new Map(acts.map((done) => [done.digest, done]));
  return {
    ...describeCase(one, now().getTime()),
    hits: hits.slice(0, MAX_HITS).map((hit) => {
      const { acts: done = [], cutAt = null } = doneTo.get(hit.digest) ?? {};
      return { ...hit, acts: done, cutAt };
    }),
    hitCount: hits.length,
    timeline,
    workflowId: advisoryCaseWorkflowId(advisory),
  };
}
