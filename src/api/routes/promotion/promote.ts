import { z } from 'zod';
import {
  PlanQuery,
  PromoteAnswer,
  PromoteRequest,
  PromotionPlan,
} from '../../../contract/schema/api-promotion';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import type { ApiMetrics } from '../../metrics';
import { planPromote, promote } from '../../promotion/promote';
import { findServiceByRepository } from '../../checks/inputs';
import { idempotencyId } from '../../request-id';
import { answers, MutationHeaders } from '../answers';

export function registerPromote(app: Api, deps: ApiDependencies, metrics: ApiMetrics): void {
  app.post(
    '/v1/registry/promote',
    {
      config: { permission: 'promote' },
      schema: {
        summary: 'Release a build or a pushed digest to prod:stable',
        headers: MutationHeaders,
        querystring: PlanQuery,
        body: PromoteRequest,
        response: answers({ 200: z.union([PromotionPlan, PromoteAnswer]), 202: PromoteAnswer }),
      },
    },
    async (request, reply) => {
      if (request.body.plan || isYes(request.query.plan)) {
        metrics.promotions.inc({ result: 'planned' });
        return planPromote(deps, request.body, request.actor);
      }
      const answer = await promote(deps, request.body, request.actor, idempotencyId(request));
      if (!answer.existing) {
        const { digest = null, source } = request.body;
        await audit(deps, request, {
          action: 'release.request',
          svc: findServiceByRepository(deps.catalog, request.body.repo).svc,
          subject: answer.releaseId,
          details: { digest, source: source?.path ?? null },
        });
      }
      metrics.promotions.inc({ result: answer.existing ? 'existing' : 'started' });
      void reply.header('location', answer.statusUrl);
      return reply.code(answer.existing ? 200 : 202).send(answer);
    },
  );
}

function isYes(flag: string | undefined): boolean {
  return flag === '1' || flag === 'true';
}
