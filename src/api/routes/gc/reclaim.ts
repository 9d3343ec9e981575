import { RECLAIM_SETTINGS } from '../../../contract/gc-run-messages';
import { ReclaimAnswer, ReclaimList, ReclaimStopped } from '../../../contract/schema/api-gc-run';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';

const SHOWN = 20;
const PATH = '/v1/registry/gc/reclaim';

export function registerReclaim(app: Api, deps: ApiDependencies): void {
  app.post(
    PATH,
    {
      config: { permission: 'collect' },
      schema: {
        summary: 'Take back the disk of what was deleted; pushes are closed meanwhile',
        headers: MutationHeaders,
        response: answers({ 202: ReclaimAnswer }),
      },
    },
    async (request, reply) => {
      const answer = await deps.orchestrator.gcRuns.startReclaim({
        settings: RECLAIM_SETTINGS,
        requestedBy: request.actor.subject,
      });
      if (answer.started) {
        await audit(deps, request, { action: 'gc.reclaim', svc: '', subject: 'disk', details: {} });
      }
      return reply.code(202).send(answer);
    },
  );
}

export function registerStopReclaim(app: Api, deps: ApiDependencies): void {
  app.delete(
    PATH,
    {
      config: { permission: 'collect' },
      schema: {
        summary: 'End a reclaim early; pushes are opened',
        headers: MutationHeaders,
        response: answers({ 200: ReclaimStopped }),
      },
    },
    async (request) => {
      const stopped = await deps.orchestrator.gcRuns.cancelReclaim();
      if (stopped) {
        const details = { stopped: true };
        await audit(deps, request, { action: 'gc.reclaim', svc: '', subject: 'disk', details });
      }
      return { stopped };
    },
  );
}

export function registerGetReclaim(app: Api, deps: ApiDependencies): void {
  app.get(
    PATH,
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Reclaims of disk, newest first: planned beside measured',
        response: answers({ 200: ReclaimList }),
      },
    },
    async () => {
      const { running } = await deps.orchestrator.gcRuns.getReclaim();
      const reclaims = await deps.reclaims.list(SHOWN);
      return { running, reclaims };
    },
  );
}
