import { ReconcileView } from '../../../contract/schema/api-reconcile';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerGetReconcile(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/reconcile',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'The reconcile of the registry: when it runs next, and what it found',
        response: answers({ 200: ReconcileView }),
      },
    },
    () => deps.orchestrator.reconcile.overview(),
  );
}
