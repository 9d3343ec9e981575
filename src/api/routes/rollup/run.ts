import {
  RollupPlanRequest,
  RollupRequest,
  RollupStarted,
  RollupView,
} from '../../../contract/schema/api-rollup';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { idempotencyId, shortId } from '../../request-id';
import { rollupOrder } from '../../rollup/order';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerPlanRollup(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/rollups/plan',
    {
      config: { permission: 'rollup' },
      schema: {
        summary: 'What a rollup would rebuild now, in which waves; changes nothing',
        headers: MutationHeaders,
        body: RollupPlanRequest,
        response: answers({ 200: RollupView }),
      },
    },
    async (request) => {
      const asked = { by: request.actor.subject, reason: 'a plan' };
      const id = `plan-${shortId('rollup-plan', idempotencyId(request))}`;
      const order = rollupOrder(deps, request.body, asked);
      return deps.orchestrator.rollups.plan({ ...order, id }, id);
    },
  );
}

export function registerRunRollup(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/rollups',
    {
      config: { permission: 'rollup' },
      schema: {
        summary: 'Import the newest bases and rebuild what stands on older ones, in waves',
        headers: MutationHeaders,
        body: RollupRequest,
        response: answers({ 202: RollupStarted }),
      },
    },
    async (request, reply) => {
      const { reason, services = null, advisory = null } = request.body;
      const id = `asked-${shortId('rollup', idempotencyId(request))}`;
      const order = rollupOrder(deps, request.body, { by: request.actor.subject, reason });
      const { started } = await deps.orchestrator.rollups.start({ ...order, id });
      if (started) {
        await audit(deps, request, {
          action: 'rollup.run',
          svc: NO_SERVICE,
          subject: id,
          details: { reason, services, advisory },
        });
      }
      return reply.code(202).send({ id, started });
    },
  );
}
