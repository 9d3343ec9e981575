import { pino } from 'pino';
import { createReviewingRegistry } from '../../adapters/oci/reviewing-registry';
import { createSigstoreVerifier } from '../../adapters/sigstore/sigstore-verifier';
import {
  createAnswerCache,
  type Answer,
  type AnswerCache,
} from '../../admission/cache/answer-cache';
import type { AdmissionDependencies } from '../../admission/dependencies';
import { createFactReader } from '../../admission/guardrails/facts';
import { createImageConfigs } from '../../admission/guardrails/image-configs';
import { createWorkloads } from '../../admission/guardrails/read-workloads';
import { createAllowSource } from '../../admission/images/allow-source';
import { shareManifests } from '../../admission/images/shared-manifests';
import { createAdmissionMetrics } from '../../admission/metrics';
import type { Standing } from '../../admission/state/standing';
import { createImageVerifier } from '../../admission/verify/image-verifier';
import { createKeySet, verifyingKeyIds } from '../../admission/verify/key-set';
import { allowListOf } from '../../domain/admission/allow-policy';
import type { GuardrailConfig } from '../../domain/admission/guardrails/config';
import type { Policy } from '../../domain/policy';
import type { Service } from '../../domain/service';
import { BUNDLE_ARTIFACT_TYPE } from '../../ports/signer';
import type { RehearsalFacts } from './facts';
import type { RehearsalSigning } from './signing';

export interface RehearsalParts {
  /** Of the webhook itself: settings, policy hash and clock are taken from them, and nothing that is kept. */
  readonly deps: AdmissionDependencies;
  readonly policy: Policy;
  readonly guardrails: GuardrailConfig;
  readonly service: Service;
  readonly signing: RehearsalSigning;
  readonly facts: RehearsalFacts;
  readonly registryUrl: string;
  /** Which of the reviews it is; one of `ROUND` is not answered from the caches. */
  readonly round: () => number;
}

/** Nothing is quarantined, denied or revoked. */
const STANDING: Standing = (() => {
  const snapshot = { blocks: new Map(), allowRevision: 0, revokedKeys: [] };
  return {
    current: () => snapshot,
    fresh: () => Promise.resolve(snapshot),
    last: () => snapshot,
    ageMs: () => 0,
    close: () => Promise.resolve(),
  };
})();

/** Both ways through it: what one round was told is not known to the next. */
function cacheByRound<T extends Answer>({ deps, round }: RehearsalParts): AnswerCache<T> {
  const cache = createAnswerCache<T>({ ...deps.settings.cache, entries: 100, now: deps.now });
  return { ...cache, get: (key, ask) => cache.get(`${key} ${round()}`, ask) };
}

/** The webhook's own parts, on a registry, keys and facts of the rehearsal. */
export function rehearsalDependencies(parts: RehearsalParts): AdmissionDependencies {
  const { deps, policy, guardrails, service, signing, facts, registryUrl: url } = parts;
  const { settings, now } = deps;
  const { registries, dependencyMs: timeoutMs } = settings;
  const reading = createReviewingRegistry({ url, timeoutMs, artifactType: BUNDLE_ARTIFACT_TYPE });
  const registry = shareManifests(reading.registry);
  const signer = createSigstoreVerifier({ keys: signing.keys, trustedRoot: signing.trustedRoot });
  const services = [service];
  const keys = createKeySet({ keys: signing.keys, keyIds: verifyingKeyIds(services) });
  const { ledger, allowList: list } = facts;
  const verifying = { registry, signer, ledger, keys, services, policy, settings, now };
  const imageConfigs = createImageConfigs({ registry, registries });
  return {
    ...deps,
    workloads: createWorkloads({
      guardrails,
      facts: createFactReader({ networkPolicies: null, imageConfigs }),
    }),
    allow: createAllowSource({ list, policy: allowListOf(policy), now }),
    verifier: createImageVerifier({ ...verifying, onBug: () => undefined }),
    registry,
    inReview: reading.inReview,
    standing: STANDING,
    keys,
    allowCache: cacheByRound(parts),
    verificationCache: cacheByRound(parts),
    // What is only rehearsed goes on no record.
    events: { add: () => undefined },
    metrics: createAdmissionMetrics({ ofProcess: false }),
    log: pino({ level: 'silent' }),
  };
}
