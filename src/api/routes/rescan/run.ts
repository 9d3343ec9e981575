import { ReleaseError } from '../../../contract/errors';
import type { RescanTarget } from '../../../contract/messages';
import { RunRescanAnswer, RunRescanRequest } from '../../../contract/schema/api-rescan';
import { rescanRulesOf } from '../../../domain/rescan';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { keptImages, readTarget } from '../../rescan/kept-images';
import { answers, MutationHeaders } from '../answers';

/** Somebody waits for it; age does not matter to what was asked for. */
const PACE = { maxAgeMs: 0, sliceSize: 40, parallel: 1 } as const;

export function registerRunRescan(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/rescans',
    {
      config: { permission: 'rescan' },
      schema: {
        summary: 'Scan what is kept again, now',
        headers: MutationHeaders,
        body: RunRescanRequest,
        response: answers({ 202: RunRescanAnswer }),
      },
    },
    async (request, reply) => {
      const { of } = request.body;
      const target = of === undefined ? null : readTarget(deps, of);
      const answer = target ? await scanNow(deps, target) : await deps.orchestrator.rescans.run();
      if (answer.started) {
        await audit(deps, request, {
          action: 'registry.rescan',
          svc: target?.svc ?? '',
          subject: of ?? 'registry',
          details: {},
        });
      }
      return reply.code(202).send(answer);
    },
  );
}

async function scanNow(deps: ApiDependencies, target: RescanTarget): Promise<RunRescanAnswer> {
  // A run would end as clean, having looked at nothing.
  if ((await keptImages(deps, target)).length === 0) {
    throw new ReleaseError(
      'DIGEST_NOT_FOUND',
      `Nothing of ${target.digest ?? target.svc} is kept`,
      {
        details: { field: 'of', remedy: 'see what is: plura reg rescan SERVICE; or hold it first' },
      },
    );
  }
  const settings = { ...rescanRulesOf(deps.policy, deps.policyHash), ...PACE };
  return deps.orchestrator.rescans.scanNow({ settings, target });
}
