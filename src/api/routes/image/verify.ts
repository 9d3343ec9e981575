import { ReleaseError } from '../../../contract/errors';
import { VerifyAnswer, VerifyQuery } from '../../../contract/schema/api-verify';
import { channelName } from '../../../domain/reference';
import type { Api } from '../../api';
import { findServiceByRepository, parseChannelInput, parseDigestInput } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { verifyImage } from '../../image/verify-image';
import { answers } from '../answers';

export function registerVerify(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/verify',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Check signatures, attestations, log proof and verdicts of an image',
        querystring: VerifyQuery,
        response: answers({ 200: VerifyAnswer }),
      },
    },
    async ({ query }) => {
      const service = findServiceByRepository(deps.catalog, query.repo);
      const { requireVerdicts } = query;
      if (query.digest !== undefined) {
        const digest = parseDigestInput(query.digest, 'digest');
        return verifyImage(deps, { service, digest, channel: null, requireVerdicts });
      }
      const channel = parseChannelInput(query.channel ?? 'prod:stable', 'channel');
      const state = await deps.ledger.getChannel(service.svc, channel);
      if (state?.digest) {
        return verifyImage(deps, { service, digest: state.digest, channel, requireVerdicts });
      }
      throw new ReleaseError('DIGEST_NOT_FOUND', `${channelName(channel)} is empty`, {
        details: { field: 'channel', remedy: 'name a digest, or another channel' },
      });
    },
  );
}
