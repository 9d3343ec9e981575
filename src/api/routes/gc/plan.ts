import {
  GcPlanningQuery,
  GcPlanningView,
  GcRequest,
  GcStarted,
} from '../../../contract/schema/api-gc';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { gcPolicyOf } from '../../gc/policy';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerPlanGc(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/gc',
    {
      config: { permission: 'collect' },
      schema: {
        summary: 'Plan what of the registry may go; without dry_run, run the plan where it may',
        headers: MutationHeaders,
        body: GcRequest,
        response: answers({ 202: GcStarted }),
      },
    },
    async (request, reply) => {
      const { repo = null, dry_run: isDryRun } = request.body;
      const answer = await deps.orchestrator.gc.plan({
        repository: repo,
        requestedBy: request.actor.subject,
        then: isDryRun ? 'report' : 'run',
        by: 'person',
        policy: gcPolicyOf(deps.policy),
        policyHash: deps.policyHash,
      });
      if (answer.started) {
        await audit(deps, request, {
          action: 'gc.plan',
          svc: NO_SERVICE,
          subject: repo ?? 'registry',
          details: { dryRun: isDryRun },
        });
      }
      return reply.code(202).send(answer);
    },
  );
}

export function registerGcPlanning(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/gc/planning',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'How far the plan is that somebody asked for last',
        querystring: GcPlanningQuery,
        response: answers({ 200: GcPlanningView }),
      },
    },
    async ({ query: { repo = null } }) => ({
      planning: await deps.orchestrator.gc.planning(repo),
    }),
  );
}
