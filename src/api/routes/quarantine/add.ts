import { QuarantineAnswer, QuarantineRequest } from '../../../contract/schema/api-quarantine';
import type { Api } from '../../api';
import { audit } from '../../audit';
import { parseDigestInput } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
import { alertPeople } from '../../quarantine/alert';
import { putUnder, readExpiry } from '../../quarantine/put-under';
import { answers, MutationHeaders } from '../answers';
import { readBlocks, viewBlock } from './blocks';
import { serviceOf } from './service-of';

export function registerAddQuarantine(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/quarantine',
    {
      config: { permission: 'quarantine' },
      schema: {
        summary: 'Nobody may pull, promote or roll back to a digest, nor to indexes that hold it',
        headers: MutationHeaders,
        body: QuarantineRequest,
        response: answers({ 200: QuarantineAnswer }),
      },
    },
    async (request) => {
      const { reason, cves } = request.body;
      const digest = parseDigestInput(request.body.digest, 'digest');
      const now = deps.now();
      const expiresAt = readExpiry(request.body.expiresAt, now);
      const put = { digest, reason, cves, actor: request.actor.subject, expiresAt };
      const { entry, places } = await putUnder(deps, put, now);
      const blocks = await readBlocks(deps);
      await audit(deps, request, {
        action: 'digest.quarantine',
        svc: serviceOf(places),
        subject: digest,
        details: { reason, cves, expiresAt: entry.expiresAt, graceUntil: entry.graceUntil },
      });
      const alerted = await alertPeople(deps, request, { digests: [digest], reason, cves });
      return { digest, entry, block: viewBlock(blocks, digest, now), places, alerted };
    },
  );
}
