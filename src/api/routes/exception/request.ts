import { ExceptionBody, ExceptionView } from '../../../contract/schema/api-exception';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { describeException } from '../../exception/describe-exception';
import { readRequest } from '../../exception/read-request';
import { idempotencyId, shortId } from '../../request-id';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerRequestException(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/exceptions',
    {
      config: { permission: 'requestException' },
      schema: {
        summary:
          'Ask that a vulnerability in a package be let pass for a time; somebody else approves it',
        headers: MutationHeaders,
        body: ExceptionBody,
        response: answers({ 201: ExceptionView }),
      },
    },
    async (request, reply) => {
      const id = shortId('exception', idempotencyId(request));
      const asked = readRequest(deps, request.body, request.actor, id);
      const exception = await deps.exceptions.request(asked);
      const { kind, packageName, packageVersion, owner, reason, expiresAt } = exception;
      await audit(deps, request, {
        action: 'exception.request',
        svc: exception.svc ?? NO_SERVICE,
        subject: exception.vulnerabilityId,
        details: { id, kind, packageName, packageVersion, owner, reason, expiresAt },
      });
      void reply.code(201);
      return describeException(exception, deps.now());
    },
  );
}
