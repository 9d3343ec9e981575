import { ReleaseError } from '../../../contract/errors';
import {
  OptOutList,
  OptOutParams,
  OptOutRemoved,
  OptOutRequest,
  OptOutView,
  RemoveOptOutRequest,
} from '../../../contract/schema/api-rollup';
import type { Api } from '../../api';
import { audit } from '../../audit';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { readUntil } from '../../rollup/read-until';
import { answers, MutationHeaders } from '../answers';

export function registerListOptOuts(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/rollups/opt-outs',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Services that no rollup touches, until when, and why',
        response: answers({ 200: OptOutList }),
      },
    },
    async () => {
      const now = deps.now().getTime();
      const optOuts = await deps.rollups.listOptOuts();
      return { optOuts: optOuts.filter(({ until }) => Date.parse(until) > now) };
    },
  );
}

export function registerOptOut(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/rollups/opt-outs',
    {
      config: { permission: 'rollup' },
      schema: {
        summary: 'Keep a service out of rollups until a day',
        headers: MutationHeaders,
        body: OptOutRequest,
        response: answers({ 201: OptOutView }),
      },
    },
    async (request, reply) => {
      const { reason } = request.body;
      const { svc } = findService(deps.catalog, request.body.svc);
      const now = deps.now();
      const until = readUntil(request.body.until, now);
      const one = { svc, reason, until, by: request.actor.subject, at: now.toISOString() };
      await deps.rollups.optOut(one);
      const details = { reason, until };
      await audit(deps, request, { action: 'rollup.opt-out', svc, subject: svc, details });
      return reply.code(201).send(one);
    },
  );
}

export function registerRemoveOptOut(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/rollups/opt-outs/:svc/delete',
    {
      config: { permission: 'rollup' },
      schema: {
        summary: 'Let rollups rebuild a service again',
        params: OptOutParams,
        headers: MutationHeaders,
        body: RemoveOptOutRequest,
        response: answers({ 200: OptOutRemoved }),
      },
    },
    async (request) => {
      const { svc } = request.params;
      const { reason } = request.body;
      if (!(await deps.rollups.removeOptOut(svc))) {
        throw new ReleaseError('OPT_OUT_NOT_FOUND', `${svc} has not opted out`, {
          details: { field: 'svc', remedy: 'see who has: plura reg rollup opt-outs' },
        });
      }
      const details = { reason };
      await audit(deps, request, { action: 'rollup.opt-in', svc, subject: svc, details });
      return { svc, removed: true as const };
    },
  );
}
