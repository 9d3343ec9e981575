import {
  ApproveException,
  ExceptionParams,
  ExceptionView,
} from '../../../contract/schema/api-exception';
import { exceptionsOf } from '../../../domain/exceptions/policy';
import { judgeApproval } from '../../../domain/exceptions/rules';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { checkNow } from '../../exception/check-now';
import { describeException } from '../../exception/describe-exception';
import { findException } from '../../exception/find-exception';
import { refuseFault, requireRoleFor } from '../../exception/refuse';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

/** Neither who asked for it nor who answers for it; a broken glass takes two of its role. */
export function registerApproveException(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/exceptions/:id/approve',
    {
      config: { permission: 'approveException' },
      schema: {
        summary: 'Let an exception that was asked for cover what it is for, until it ends',
        params: ExceptionParams,
        headers: MutationHeaders,
        body: ApproveException,
        response: answers({ 200: ExceptionView }),
      },
    },
    async (request) => {
      const { actor, params, body } = request;
      const asked = await findException(deps, params.id);
      requireRoleFor(actor, asked, 'approveException');
      const now = deps.now();
      // The same approval again, as after a lost answer, is no conflict.
      const isRepeated = asked.approvedBy === actor.subject && asked.revokedAt === null;
      if (!isRepeated) {
        refuseFault(judgeApproval(asked, actor.subject, exceptionsOf(deps.policy), now.getTime()));
      }
      const approved = isRepeated
        ? asked
        : await deps.exceptions.approve(params.id, actor.subject, now.toISOString());
      const exception = approved ?? (await findException(deps, params.id));
      if (!approved) {
        refuseFault(
          judgeApproval(exception, actor.subject, exceptionsOf(deps.policy), now.getTime()),
        );
      }
      const { id, kind, vulnerabilityId, packageName, svc, owner, expiresAt } = exception;
      await audit(deps, request, {
        action: kind === 'break-glass' ? 'exception.break-glass' : 'exception.approve',
        svc: svc ?? NO_SERVICE,
        subject: vulnerabilityId,
        details: { id, kind, packageName, owner, expiresAt, reason: body.reason },
      });
      await checkNow(deps);
      return describeException(exception, deps.now());
    },
  );
}
