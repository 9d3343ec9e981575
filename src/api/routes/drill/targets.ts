import { RollbackTargetList } from '../../../contract/schema/api-drill';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerRollbackTargets(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/rollback-targets',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'What each service would be rolled back to, and whether it has all it needs',
        response: answers({ 200: RollbackTargetList }),
      },
    },
    async () => ({ targets: await deps.drills.listPreflights() }),
  );
}
