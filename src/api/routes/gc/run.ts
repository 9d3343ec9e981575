import { gcRunInput } from '../../../contract/gc-run-messages';
import { GcPlanParams, GcRunRequest, GcStarted } from '../../../contract/schema/api-gc';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { requireRunnable } from '../../gc/find-plan';
import { retentionOf } from '../../../domain/gc/retention';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerRunGcPlan(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/gc/plans/:id/run',
    {
      config: { permission: 'collect' },
      schema: {
        summary: 'Delete exactly what the plan says, each item looked at again just before',
        headers: MutationHeaders,
        params: GcPlanParams,
        body: GcRunRequest,
        response: answers({ 202: GcStarted }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await requireRunnable(deps, id);
      const { subject: requestedBy } = request.actor;
      const input = gcRunInput(id, requestedBy, retentionOf(deps.policy));
      const answer = await deps.orchestrator.gc.run(input);
      if (answer.started) {
        const subject = id;
        await audit(deps, request, { action: 'gc.run', svc: NO_SERVICE, subject, details: {} });
      }
      return reply.code(202).send(answer);
    },
  );
}
