import { GcApproval, GcPlanDetail, GcPlanParams } from '../../../contract/schema/api-gc';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { describePlan, planNotFound } from '../../gc/find-plan';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerApproveGcPlan(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/gc/plans/:id/approve',
    {
      config: { permission: 'approveCollection' },
      schema: {
        summary: 'Take the responsibility for a plan, so that it may run; the first one is kept',
        headers: MutationHeaders,
        params: GcPlanParams,
        body: GcApproval,
        response: answers({ 200: GcPlanDetail }),
      },
    },
    async (request) => {
      const { id } = request.params;
      const { reason } = request.body;
      const { subject } = request.actor;
      const plan = await deps.gcPlans.approvePlan(id, subject, reason, deps.now().toISOString());
      if (!plan) throw planNotFound(id);
      await audit(deps, request, {
        action: 'gc.approve',
        svc: NO_SERVICE,
        subject: id,
        details: { reason, breaches: plan.breaches.length, bytes: plan.totals.freeBytes },
      });
      return describePlan(deps, plan);
    },
  );
}
