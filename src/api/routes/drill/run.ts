import { RunDrillAnswer, RunDrillRequest } from '../../../contract/schema/api-drill';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

export function registerRunDrill(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/drills',
    {
      config: { permission: 'drill' },
      schema: {
        summary: 'Roll the services that are marked for it back and forward again, now',
        headers: MutationHeaders,
        body: RunDrillRequest,
        response: answers({ 202: RunDrillAnswer }),
      },
    },
    async (request, reply) => {
      const answer = await deps.orchestrator.drill.run();
      if (answer.started) {
        const subject = 'rollback';
        await audit(deps, request, { action: 'drill.run', svc: '', subject, details: {} });
      }
      return reply.code(202).send(answer);
    },
  );
}
