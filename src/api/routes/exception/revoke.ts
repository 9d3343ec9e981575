import { ReleaseError } from '../../../contract/errors';
import {
  ExceptionParams,
  ExceptionView,
  RevokeException,
} from '../../../contract/schema/api-exception';
import { stateOf } from '../../../domain/exceptions/exception';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { checkNow } from '../../exception/check-now';
import { describeException } from '../../exception/describe-exception';
import { findException } from '../../exception/find-exception';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerRevokeException(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/exceptions/:id/revoke',
    {
      config: { permission: 'revokeException' },
      schema: {
        summary: 'Let an exception cover nothing any more; what passed by it is judged again',
        params: ExceptionParams,
        headers: MutationHeaders,
        body: RevokeException,
        response: answers({ 200: ExceptionView }),
      },
    },
    async (request) => {
      const { actor, params, body } = request;
      const now = deps.now();
      const before = await findException(deps, params.id);
      const isRepeated = before.revokedBy === actor.subject && before.revokeReason === body.reason;
      const revoked = isRepeated
        ? before
        : await deps.exceptions.revoke(params.id, actor.subject, body.reason, now.toISOString());
      if (!revoked) {
        const state = stateOf(before, now.getTime());
        throw new ReleaseError('EXCEPTION_SETTLED', `Exception ${params.id} is ${state}`, {
          details: { field: 'id', remedy: 'it covers nothing already' },
        });
      }
      await audit(deps, request, {
        action: 'exception.revoke',
        svc: revoked.svc ?? NO_SERVICE,
        subject: revoked.vulnerabilityId,
        details: { id: revoked.id, packageName: revoked.packageName, reason: body.reason },
      });
      await checkNow(deps);
      return describeException(revoked, deps.now());
    },
  );
}
