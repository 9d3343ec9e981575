import { RunStartAnswer, RunStartRequest } from '../../../contract/schema/api-schedule';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

export function registerRunCheck(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/checks',
    {
      config: { permission: 'check' },
      schema: {
        summary: 'Check what runs now; what fails is blocked and rolled back',
        headers: MutationHeaders,
        body: RunStartRequest,
        response: answers({ 202: RunStartAnswer }),
      },
    },
    async (request, reply) => {
      const answer = await deps.orchestrator.checks.run();
      if (answer.started) {
        await audit(deps, request, {
          action: 'registry.check',
          svc: '',
          subject: 'what runs',
          details: {},
        });
      }
      return reply.code(202).send(answer);
    },
  );
}
