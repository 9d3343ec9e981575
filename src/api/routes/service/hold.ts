import { HoldLaneRequest, LaneView, ServiceParams } from '../../../contract/schema/api-service';
import type { Api } from '../../api';
import { audit } from '../../audit';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { idempotencyId } from '../../request-id';
import { answers, MutationHeaders } from '../answers';

export function registerHold(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/services/:svc/hold',
    {
      config: { permission: 'controlLane' },
      schema: {
        summary: 'Start nothing new until resumed',
        params: ServiceParams,
        headers: MutationHeaders,
        body: HoldLaneRequest,
        response: answers({ 200: LaneView }),
      },
    },
    async (request) => {
      const { svc } = findService(deps.catalog, request.params.svc);
      const decision = { actor: request.actor, reason: request.body.reason };
      const lane = await deps.orchestrator.holdLane(svc, decision, idempotencyId(request));
      const { reason } = decision;
      await audit(deps, request, { action: 'lane.hold', svc, subject: svc, details: { reason } });
      return lane;
    },
  );
}
