import { FreezeRequest, FreezeView } from '../../../contract/schema/api-freeze';
import { describeSchedule } from '../../../domain/freeze-schedule';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { describeFreeze } from '../../freeze/describe-freeze';
import { readFreeze } from '../../freeze/read-freeze';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerAddFreeze(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/freezes',
    {
      config: { permission: 'freeze' },
      schema: {
        summary: 'Close the irreversible steps of releases, once or by a calendar',
        headers: MutationHeaders,
        body: FreezeRequest,
        response: answers({ 201: FreezeView }),
      },
    },
    async (request, reply) => {
      const freeze = await deps.freezes.add(readFreeze(deps, request.body, request.actor));
      const { name, scope, schedule, reason } = freeze;
      await audit(deps, request, {
        action: 'freeze.add',
        svc: scope.svc ?? NO_SERVICE,
        subject: name,
        details: {
          reason,
          environments: scope.environments,
          schedule: describeSchedule(schedule),
        },
      });
      void reply.code(201);
      return describeFreeze(deps, freeze);
    },
  );
}
