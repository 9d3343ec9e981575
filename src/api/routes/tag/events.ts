import { EventList, EventQuery } from '../../../contract/schema/api-tag';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

export function registerEvents(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/events',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Refused pulls and pushes, and what went around the gateway, newest first',
        querystring: EventQuery,
        response: answers({ 200: EventList }),
      },
    },
    async ({ query: { kind, limit } }) => ({
      events: (await deps.inventory.listEvents({ limit, ...(kind !== undefined && { kind }) })).map(
        ({ detail, ...event }) => ({ ...event, detail: { ...detail } }),
      ),
    }),
  );
}
