import { ReleaseError } from '../../../contract/errors';
import {
  QuarantineParams,
  QuarantineReleaseAnswer,
  QuarantineReleaseRequest,
} from '../../../contract/schema/api-quarantine';
import type { Digest } from '../../../domain/digest';
import type { Api } from '../../api';
import { audit } from '../../audit';
import { parseDigestInput } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { answers, MutationHeaders } from '../answers';
import { readBlocks, viewBlock } from './blocks';
import { serviceOf } from './service-of';

export function registerReleaseQuarantine(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/quarantine/:digest/release',
    {
      config: { permission: 'quarantine' },
      schema: {
        summary: 'Let a quarantined digest be pulled again',
        params: QuarantineParams,
        headers: MutationHeaders,
        body: QuarantineReleaseRequest,
        response: answers({ 200: QuarantineReleaseAnswer }),
      },
    },
    async (request) => {
      const digest = parseDigestInput(request.params.digest, 'digest');
      const { reason } = request.body;
      const now = deps.now();
      const { subject } = request.actor;
      const lifted = await deps.quarantine.lift(digest, subject, reason, now.toISOString());
      const block = viewBlock(await readBlocks(deps), digest, now);
      if (!lifted) throw notQuarantined(digest, block?.cause);
      await audit(deps, request, {
        action: 'digest.release',
        svc: serviceOf(await deps.quarantine.places(digest)),
        subject: digest,
        details: { reason },
      });
      return { digest, block };
    },
  );
}

function notQuarantined(digest: Digest, cause: string | undefined): ReleaseError {
  const remedy =
    cause === undefined
      ? 'see what is: plura reg quarantine list'
      : `it is blocked through another one: plura reg quarantine release ${cause}`;
  return new ReleaseError('NOT_QUARANTINED', `${digest} itself is not quarantined`, {
    details: { field: 'digest', remedy, ...(cause !== undefined && { cause }) },
  });
}
