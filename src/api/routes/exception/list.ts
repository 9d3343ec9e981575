import { ExceptionList, ExceptionQuery } from '../../../contract/schema/api-exception';
import type { Api } from '../../api';
import { findService } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { describeException } from '../../exception/describe-exception';
import { answers } from '../answers';

export function registerListExceptions(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/exceptions',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Exceptions that are asked for or in force, newest first, with their countdown',
        querystring: ExceptionQuery,
        response: answers({ 200: ExceptionList }),
      },
    },
    async ({ query: { svc, all, limit } }) => {
      const now = deps.now();
      const at = now.toISOString();
      const of = svc === undefined ? {} : { svc: findService(deps.catalog, svc).svc };
      const exceptions = await deps.exceptions.list({ ...of, all, now: at, limit });
      return { exceptions: exceptions.map((one) => describeException(one, now)), at };
    },
  );
}
