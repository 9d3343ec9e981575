import { LineRequest, ResumeAnswer } from '../../../contract/schema/api-freeze';
import type { Api } from '../../api';
import { audit } from '../../audit';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerResumeLine(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/line/resume',
    {
      config: { permission: 'freeze' },
      schema: {
        summary: 'Take back a stop of the line; a stop of all and one of a service are two',
        headers: MutationHeaders,
        body: LineRequest,
        response: answers({ 200: ResumeAnswer }),
      },
    },
    async (request) => {
      const { svc: asked, reason } = request.body;
      const svc = asked === undefined ? null : findService(deps.catalog, asked).svc;
      const at = deps.now().toISOString();
      const resumed = await deps.freezes.resume(svc, request.actor.subject, reason, at);
      if (resumed) {
        await audit(deps, request, {
          action: 'line.resume',
          svc: svc ?? NO_SERVICE,
          subject: svc ?? 'line',
          details: { reason },
        });
      }
      return { svc, resumed, stops: await deps.freezes.stops() };
    },
  );
}
