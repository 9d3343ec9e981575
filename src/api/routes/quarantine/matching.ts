import {
  QuarantineMatching,
  QuarantineMatchingRequest,
  type QuarantineMatch,
} from '../../../contract/schema/api-quarantine';
import type { Api } from '../../api';
import { audit } from '../../audit';
import type { ApiDependencies } from '../../dependencies';
import { alertPeople } from '../../quarantine/alert';
import { findMatching, type MatchedDigest } from '../../quarantine/matching';
import { isRunning, putUnder, readExpiry } from '../../quarantine/put-under';
import { answers, MutationHeaders } from '../answers';
import { NO_SERVICE } from './service-of';

/** `POST /v1/registry/quarantine/matching`: by advisory, or by breach of the scan policy. */
export function registerQuarantineMatching(app: Api, deps: ApiDependencies): void {
  app.post(
    '/v1/registry/quarantine/matching',
    {
      config: { permission: 'quarantine' },
      schema: {
        summary: 'Quarantine all whose newest scan has an advisory, or fails; a page at a time',
        headers: MutationHeaders,
        body: QuarantineMatchingRequest,
        response: answers({ 200: QuarantineMatching }),
      },
    },
    async (request) => {
      const { body } = request;
      const { cve, dryRun, reason } = body;
      const now = deps.now();
      const expiresAt = readExpiry(body.expiresAt, now);
      const { matched, unclear, next } = await findMatching(deps, body);
      const matches: QuarantineMatch[] = [];
      for (const one of matched) {
        matches.push(await look(deps, one));
        if (dryRun) continue;
        const cves = cve === undefined ? one.advisories.slice(0, MAX_CVES) : [cve];
        const put = { digest: one.digest, reason, cves, actor: request.actor.subject, expiresAt };
        await putUnder(deps, put, now);
      }
      const digests = dryRun ? [] : matched.map(({ digest }) => digest);
      const told = { by: cve ?? 'breach', digests, reason, expiresAt };
      if (digests.length > 0) {
        await audit(deps, request, {
          action: 'digest.quarantine-matching',
          svc: NO_SERVICE,
          subject: cve ?? 'breach',
          details: told,
        });
      }
      const listed = cve === undefined ? matched.flatMap(({ advisories }) => advisories) : [cve];
      const cves = [...new Set(listed)].slice(0, MAX_CVES);
      const alerted = await alertPeople(deps, request, { digests, reason, cves });
      return { dryRun, matches, unclear, next, alerted };
    },
  );
}

const MAX_CVES = 100;

async function look(deps: ApiDependencies, one: MatchedDigest): Promise<QuarantineMatch> {
  const places = await deps.quarantine.places(one.digest);
  return {
    ...{ digest: one.digest, services: [...one.services], scannedAt: one.scannedAt },
    advisories: one.advisories.slice(0, MAX_CVES),
    repositories: [...new Set(places.map(({ repository }) => repository))],
    running: await isRunning(deps, one.digest, places),
    before: (await deps.quarantine.get(one.digest)) !== null,
  };
}
