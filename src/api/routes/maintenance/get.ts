import { MaintenanceView } from '../../../contract/schema/api-maintenance';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import type { RegistryMode } from '../../../ports/gateway-state';
import { answers } from '../answers';

export function registerGetMaintenance(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/maintenance',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Whether the gateway takes pushes',
        response: answers({ 200: MaintenanceView }),
      },
    },
    async () => {
      const { mode } = await deps.gatewayState.read({ parents: false, children: false });
      return viewMode(mode, deps.now());
    },
  );
}

/** As the gateways take it: closed no longer than it was meant to be. */
export function viewMode(mode: RegistryMode, now: Date): MaintenanceView {
  const isOver = mode.until !== null && Date.parse(mode.until) <= now.getTime();
  return { ...mode, pushes: isOver ? 'open' : mode.pushes };
}
