import { ReleaseError } from '../../../contract/errors';
import { BaseWithdrawn, BaseWithdrawRequest } from '../../../contract/schema/api-base';
import { mirrorOf } from '../../../domain/bases/family';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from '../quarantine/service-of';

export function registerWithdrawBase(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/bases/withdrawals',
    {
      config: { permission: 'withdrawBases' },
      schema: {
        summary: 'Let no build start from an imported base any more, for good',
        headers: MutationHeaders,
        body: BaseWithdrawRequest,
        response: answers({ 200: BaseWithdrawn }),
      },
    },
    async (request) => {
      const { family, digest, reason } = request.body;
      const repository = mirrorOf(family);
      const at = deps.now().toISOString();
      await deps.baseCatalogue.withdraw(repository, digest, at);
      const held = await deps.baseCatalogue.list(family);
      const withdrawnAt = held.find((base) => base.digest === digest)?.withdrawnAt ?? null;
      // A family may have left the policy, its bases are there all the same.
      if (withdrawnAt === null) {
        throw new ReleaseError('BASE_NOT_FOUND', `${repository}@${digest} was never imported`, {
          details: { field: 'digest', remedy: 'see what was: plura reg base list' },
        });
      }
      await audit(deps, request, {
        action: 'base.withdraw',
        svc: NO_SERVICE,
        subject: `${repository}@${digest}`,
        details: { reason },
      });
      return { repository, digest, withdrawnAt };
    },
  );
}
