import { z } from 'zod';
import {
  RollbackAnswer,
  RollbackPlan,
  RollbackRequest,
} from '../../../contract/schema/api-rollback';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import type { ApiMetrics } from '../../metrics';
import { idempotencyId } from '../../request-id';
import { planRollBack, rollBack } from '../../rollback/roll-back';
import { answers, MutationHeaders } from '../answers';

export function registerRollBack(app: Api, deps: ApiDependencies, metrics: ApiMetrics): void {
  app.post(
    '/v1/registry/rollback',
    {
      // The lesser right opens the door; without a key the handler asks for the greater one.
      config: { permission: 'rollbackByKey' },
      schema: {
        summary: 'Pin a digest that was prod:stable before; waits for the end',
        headers: MutationHeaders,
        body: RollbackRequest,
        response: answers({ 200: z.union([RollbackAnswer, RollbackPlan]) }),
      },
    },
    async (request) => {
      if (request.body.plan) return planRollBack(deps, request.body, request.actor);
      try {
        const done = await rollBack(deps, request.body, request.actor, idempotencyId(request));
        metrics.rollbacks.inc({ result: 'done' });
        metrics.rollbackSeconds.observe(done.durationMs / 1000);
        return done;
      } catch (error) {
        metrics.rollbacks.inc({ result: 'failed' });
        throw error;
      }
    },
  );
}
