import { createLoadGate } from '../../admission/http/load-gate';
import { createReviewServer, type ReviewServer } from '../../admission/http/review-server';
import type { AdmissionDependencies } from '../../admission/dependencies';
import { allowListOf } from '../../domain/admission/allow-policy';
import type { GuardrailConfig } from '../../domain/admission/guardrails/config';
import type { Policy } from '../../domain/policy';
import { appRepository } from '../../domain/reference';
import type { Service } from '../../domain/service';
import { KEY_IDS } from '../../ports/signer';
import { rehearsalDependencies } from './dependencies';
import { createRehearsalFacts, type RehearsalFacts } from './facts';
import { makeRehearsalImage } from './image';
import { rehearsalReview } from './pod';
import { startRehearsalRegistry } from './registry';
import { createRehearsalSigning } from './signing';

interface Rehearsing {
  readonly deps: AdmissionDependencies;
  readonly policy: Policy;
  readonly guardrails: GuardrailConfig;
  /** Whose image it is as if it were; of the catalogue, since reviews of others end early. */
  readonly service: Service;
  readonly real: RehearsalFacts;
  /** How long the start may take longer for it. */
  readonly forMs: number;
}

export interface Rehearsed {
  readonly reviews: number;
  readonly admitted: number;
}

/** Answered from the caches, but for the first of so many. */
const ROUND = 3;
const MAX_REVIEWS = 1_000;

async function isAdmitted(server: ReviewServer, payload: string): Promise<boolean> {
  const headers = { 'content-type': 'application/json' };
  const url = '/validate?timeout=10s';
  const answer = await server.inject({ method: 'POST', url, headers, payload });
  return answer.statusCode === 200 && answer.body.includes('"allowed":true');
}

/**
 * Reviews one image over and over before the first real review comes, since code that has not run yet is slow: of an image that is made
 * up for it, by keys and a log that nothing else trusts, in a webhook of its own. Nothing of it is kept, counted or logged.
 */
export async function rehearse(rehearsing: Rehearsing): Promise<Rehearsed> {
  const { deps, policy, service, real, forMs } = rehearsing;
  const endsAt = performance.now() + forMs;
  const signing = createRehearsalSigning();
  const image = await makeRehearsalImage({
    signing,
    policy: policy.build,
    trustedSources: deps.settings.trustedSources,
    keyId: KEY_IDS.release(service.region),
  });
  const repository = appRepository(service.svc, service.name);
  const named = { repository, digest: image.digest };
  const registry = await startRehearsalRegistry(image.evidence);
  let reviews = 0;
  let admitted = 0;
  try {
    const own = rehearsalDependencies({
      ...rehearsing,
      signing,
      facts: createRehearsalFacts({ real, service, image: named, now: deps.now() }),
      registryUrl: registry.url,
      round: () => Math.floor(reviews / ROUND),
    });
    const gate = createLoadGate(deps.settings.limits);
    const server = createReviewServer({ deps: own, gate, tls: {} });
    const [host = ''] = deps.settings.registries;
    const [pattern = 'rehearsal'] = allowListOf(policy).namespaces.prod;
    const namespace = pattern.replaceAll('*', 'rehearsal');
    const payload = rehearsalReview(`${host}/${repository}@${image.digest}`, namespace);
    while (reviews < MAX_REVIEWS && performance.now() < endsAt) {
      if (await isAdmitted(server, payload)) admitted += 1;
      reviews += 1;
    }
    await server.close();
  } finally {
    registry.close();
  }
  return { reviews, admitted };
}
