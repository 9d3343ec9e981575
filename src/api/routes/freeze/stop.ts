import { LineRequest, StopView } from '../../../contract/schema/api-freeze';
import type { Api } from '../../api';
import { audit } from '../../audit';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerStopLine(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/line/stop',
    {
      config: { permission: 'freeze' },
      schema: {
        summary:
          'Stop the line at once: no release passes an irreversible step until it is resumed',
        headers: MutationHeaders,
        body: LineRequest,
        response: answers({ 200: StopView }),
      },
    },
    async (request) => {
      const { svc: asked, reason } = request.body;
      const svc = asked === undefined ? null : findService(deps.catalog, asked).svc;
      const by = request.actor.subject;
      const stop = await deps.freezes.stop({ svc, reason, by, at: deps.now().toISOString() });
      await audit(deps, request, {
        action: 'line.stop',
        svc: svc ?? NO_SERVICE,
        subject: svc ?? 'line',
        details: { reason },
      });
      return stop;
    },
  );
}
