import { MaintenanceRequest, MaintenanceView } from '../../../contract/schema/api-maintenance';
import { ReleaseError } from '../../../contract/errors';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerSetMaintenance(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/maintenance',
    {
      config: { permission: 'maintain' },
      schema: {
        summary: 'Close the gateway to pushes, or open it again; pulls go on',
        headers: MutationHeaders,
        body: MaintenanceRequest,
        response: answers({ 200: MaintenanceView }),
      },
    },
    async (request) => {
      const { pushes, reason, forMs } = request.body;
      if (pushes === 'open' && forMs !== undefined) {
        throw new ReleaseError('INVALID_INPUT', 'Pushes are opened for good, not for a time', {
          details: { field: 'forMs', remedy: 'give forMs with "closed" only' },
        });
      }
      const now = deps.now();
      const until = forMs === undefined ? null : new Date(now.getTime() + forMs).toISOString();
      const mode = {
        pushes,
        reason,
        by: request.actor.subject,
        since: now.toISOString(),
        until,
      };
      await deps.gatewayState.setMode(mode);
      await audit(deps, request, {
        action: `registry.${pushes === 'closed' ? 'close' : 'open'}`,
        svc: NO_SERVICE,
        subject: 'pushes',
        details: { reason, until },
      });
      return mode;
    },
  );
}
