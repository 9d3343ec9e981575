import {
  GcRestoreRequest,
  GcRestoreView,
  TombstoneList,
  TombstoneQuery,
} from '../../../contract/schema/api-gc-run';
import { serviceOfRepository } from '../../allow/service-of-repository';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

export function registerRestore(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/gc/restore',
    {
      config: { permission: 'collect' },
      schema: {
        summary:
          'Put back a deleted manifest, with what was deleted of it, while its blobs are there',
        headers: MutationHeaders,
        body: GcRestoreRequest,
        response: answers({ 200: GcRestoreView }),
      },
    },
    async (request) => {
      const { repository, digest } = request.body;
      const requestedBy = request.actor.subject;
      const restored = await deps.orchestrator.gcRuns.restore({ repository, digest, requestedBy });
      await audit(deps, request, {
        action: 'gc.restore',
        svc: serviceOfRepository(repository),
        subject: `${repository}@${digest}`,
        details: { restored: restored.restored, tags: restored.tags },
      });
      return restored;
    },
  );
}

export function registerListTombstones(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/gc/tombstones',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'What plans deleted, newest first; what is buried can be put back',
        querystring: TombstoneQuery,
        response: answers({ 200: TombstoneList }),
      },
    },
    async (request) => {
      const { repository, state, limit } = request.query;
      const filter = {
        limit,
        ...(repository !== undefined && { repository }),
        ...(state !== undefined && { state }),
      };
      return { tombstones: await deps.tombstones.list(filter) };
    },
  );
}
