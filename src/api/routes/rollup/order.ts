import { RollupOrderRequest, RollupParams, RollupView } from '../../../contract/schema/api-rollup';
import type { RollupOrderKind } from '../../../orchestrator/rollups';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

const SUMMARIES: Readonly<Record<RollupOrderKind, string>> = {
  pause: 'Start no more rebuilds of a rollup; those under way go on',
  resume: 'Go on with a paused rollup',
  cancel: 'Hold what a rollup has not started yet; rebuilds under way go on',
};

export function registerOrderRollup(app: Api, deps: ApiDependencies): void {
  for (const order of ['pause', 'resume', 'cancel'] as const) registerOrder(app, deps, order);
}

function registerOrder(app: Api, deps: ApiDependencies, order: RollupOrderKind): void {
  app.post(
    `/v1/registry/rollups/:id/${order}`,
    {
      config: { permission: 'rollup' },
      schema: {
        summary: SUMMARIES[order],
        params: RollupParams,
        headers: MutationHeaders,
        body: RollupOrderRequest,
        response: answers({ 200: RollupView }),
      },
    },
    async (request) => {
      const { id: subject } = request.params;
      const { reason } = request.body;
      const by = { by: request.actor.subject, reason };
      const report = await deps.orchestrator.rollups.order(subject, order, by);
      const action = `rollup.${order}`;
      await audit(deps, request, { action, svc: NO_SERVICE, subject, details: { reason } });
      return report;
    },
  );
}
