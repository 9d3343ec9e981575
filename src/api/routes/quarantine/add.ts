import { ReleaseError } from '../../../contract/errors';
import { QuarantineRequest, QuarantineView } from '../../../contract/schema/api-quarantine';
import type { Digest } from '../../../domain/digest';
import type { QuarantinePlace } from '../../../ports/quarantine';
import type { Api } from '../../api';
import { audit } from '../../audit';
import { parseDigestInput } from '../../checks/inputs';
import type { ApiDependencies } from '../../dependencies';
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
        response: answers({ 200: QuarantineView }),
      },
    },
    async (request) => {
      const { reason, cves } = request.body;
      const digest = parseDigestInput(request.body.digest, 'digest');
      const now = deps.now();
      const places = await deps.quarantine.places(digest);
      const entry = await deps.quarantine.add({
        digest,
        reason,
        cves: [...new Set(cves)],
        actor: request.actor.subject,
        at: now.toISOString(),
        graceUntil: await graceOf(deps, digest, places, now),
        expiresAt: readExpiry(request.body.expiresAt, now),
      });
      const blocks = await readBlocks(deps);
      await audit(deps, request, {
        action: 'digest.quarantine',
        svc: serviceOf(places),
        subject: digest,
        details: { reason, cves, expiresAt: entry.expiresAt, graceUntil: entry.graceUntil },
      });
      return { digest, entry, block: viewBlock(blocks, digest, now), places };
    },
  );
}

const MAX_LOOKED_AT = 100;

/**
 * What runs may be pulled a while longer, so that a node that restarts does not lose it before its successor is out. A channel
 * mostly points at an index, and the quarantine may be about one of its images.
 */
async function graceOf(
  { quarantine, policy }: ApiDependencies,
  digest: Digest,
  places: readonly QuarantinePlace[],
  now: Date,
): Promise<string | null> {
  const { runningGraceMs } = policy.registry.quarantine;
  if (runningGraceMs === 0) return null;
  const around = [...new Set([digest, ...places.map((place) => place.digest)])];
  for (const one of around.slice(0, MAX_LOOKED_AT)) {
    if (await quarantine.isRunning(one))
      return new Date(now.getTime() + runningGraceMs).toISOString();
  }
  return null;
}

function readExpiry(text: string | undefined, now: Date): string | null {
  if (text === undefined) return null;
  const at = new Date(text);
  if (at.getTime() > now.getTime()) return at.toISOString();
  throw new ReleaseError('INVALID_INPUT', `${text} has passed already`, {
    details: { field: 'expiresAt', remedy: 'name a time to come, or leave it out' },
  });
}
