import { RunStartAnswer, RunStartRequest } from '../../../contract/schema/api-schedule';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

export function registerMirrorDatabases(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/databases/mirror',
    {
      config: { permission: 'mirrorDatabases' },
      schema: {
        summary: "Bring the scanner's databases from their source, now",
        headers: MutationHeaders,
        body: RunStartRequest,
        response: answers({ 202: RunStartAnswer }),
      },
    },
    async (request, reply) => {
      const answer = await deps.orchestrator.databaseMirror.run();
      if (answer.started) {
        const subject = 'databases';
        await audit(deps, request, { action: 'database.mirror', svc: '', subject, details: {} });
      }
      return reply.code(202).send(answer);
    },
  );
}
