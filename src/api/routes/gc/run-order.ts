import { ReleaseError } from '../../../contract/errors';
import { GcOrderRequest, GcRunParams, GcRunView } from '../../../contract/schema/api-gc-run';
import type { GcOrder } from '../../../orchestrator/gc-runs';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

const SUMMARIES: Readonly<Record<GcOrder, string>> = {
  pause: 'Pause the execution of a plan after the item that is under way',
  resume: 'Go on with a paused plan',
  cancel: 'Stop the execution of a plan; what was deleted can be put back until disk is reclaimed',
};

export function registerOrderGcRun(app: Api, deps: ApiDependencies): void {
  for (const order of ['pause', 'resume', 'cancel'] as const) registerOrder(app, deps, order);
}

function registerOrder(app: Api, deps: ApiDependencies, order: GcOrder): void {
  app.post(
    `/v1/registry/gc/plans/:id/${order}`,
    {
      config: { permission: 'collect' },
      schema: {
        summary: SUMMARIES[order],
        params: GcRunParams,
        headers: MutationHeaders,
        body: GcOrderRequest,
        response: answers({ 200: GcRunView }),
      },
    },
    async (request) => {
      const { id: plan } = request.params;
      const { reason } = request.body;
      const view = await give(deps, plan, order, { by: request.actor.subject, reason });
      await audit(deps, request, {
        action: `gc.${order}`,
        svc: '',
        subject: plan,
        details: { reason },
      });
      return view;
    },
  );
}

async function give(
  deps: ApiDependencies,
  plan: string,
  order: GcOrder,
  by: { readonly by: string; readonly reason: string },
): Promise<GcRunView> {
  try {
    return await deps.orchestrator.gcRuns.order(plan, order, by);
  } catch (error) {
    const isLost = error instanceof ReleaseError && error.code === 'RUN_NOT_FOUND';
    const recorded = isLost && order === 'cancel' ? await deps.gcPlans.getPlan(plan) : null;
    if (recorded?.state !== 'running') throw error;
    // Its workflow was terminated: nobody else would give its turn back.
    await deps.gcPlans.endPlan(plan, 'stopped', deps.now().toISOString());
    const { startedAt, settled: counts } = recorded;
    return {
      planId: plan,
      startedAt: startedAt ?? '',
      endedAt: deps.now().toISOString(),
      ...{ outcome: 'stopped', reason: by.reason, paused: false, counts },
      ...{ items: 0, next: 0, skips: {}, errors: [] },
    };
  }
}
