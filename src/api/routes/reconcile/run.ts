import { RunStartAnswer, RunStartRequest } from '../../../contract/schema/api-schedule';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

export function registerRunReconcile(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/reconcile',
    {
      config: { permission: 'reconcile' },
      schema: {
        summary: 'Compare the registry with its record now, and repair what differs',
        headers: MutationHeaders,
        body: RunStartRequest,
        response: answers({ 202: RunStartAnswer }),
      },
    },
    async (request, reply) => {
      const answer = await deps.orchestrator.reconcile.run();
      if (answer.started) {
        const subject = 'registry';
        await audit(deps, request, { action: 'registry.reconcile', svc: '', subject, details: {} });
      }
      return reply.code(202).send(answer);
    },
  );
}
