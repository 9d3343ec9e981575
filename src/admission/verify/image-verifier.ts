import type { VerifySettings } from '../../domain/admission/settings';
import type { Policy } from '../../domain/policy';
import type { ImageRef } from '../../domain/reference';
import type { Service } from '../../domain/service';
import type { Ledger } from '../../ports/ledger';
import type { Registry } from '../../ports/registry';
import type { Signer } from '../../ports/signer';
import { createAnswerCache, type Answer } from '../cache/answer-cache';
import { createByteBudget } from './byte-budget';
import { checkReleased, checkSystem, type EvidenceReader } from './check-evidence';
import { checkRelease } from './check-release';
import { faulty, joined, settle, type Finding } from './finding';
import { firstSeenIn } from './first-seen';
import type { KeySet } from './key-set';
import { createSignedBases } from './signed-bases';
import { subjectOf } from './subject';

export type Verification = Answer & Finding;

/** Checks an image against registry, keys and ledger. Never throws: what could not be known is a fault. */
export interface ImageVerifier {
  verify(image: ImageRef): Promise<Verification>;
}

export interface VerifierParts {
  readonly registry: Pick<Registry, 'listReferrers' | 'getArtifact' | 'getManifest'>;
  readonly signer: Pick<Signer, 'verify'>;
  readonly ledger: Pick<Ledger, 'releaseFacts' | 'newestScan' | 'firstSignedAt'>;
  readonly keys: KeySet;
  readonly services: readonly Service[];
  readonly policy: Pick<Policy, 'build' | 'signing'>;
  readonly settings: VerifySettings;
  readonly now: () => Date;
  readonly onBug: (error: unknown) => void;
}

/** What is kept of a base comes on top of what is kept of the image; a key that was revoked counts at once. */
const BASE_KEPT_MS = 10_000;
const BASES_KEPT = 1_000;

function answered(findings: readonly Finding[]): Verification {
  const finding = joined(findings);
  return { ...finding, good: finding.faults.length === 0 };
}

export function createImageVerifier(parts: VerifierParts): ImageVerifier {
  const { registry, signer, ledger, keys, services, policy, settings, now, onBug } = parts;
  const { limits, dependencyMs: limitMs, verdictMaxAgeMs, trustedSources, cache } = settings;
  const check = { ledger, verdictMaxAgeMs, now };
  const reader = (): EvidenceReader => ({
    registry,
    signer,
    log: policy.signing.transparencyLog === 'required',
    maxBundles: limits.bundlesPerImage,
    maxChildren: limits.childrenPerImage,
    budget: createByteBudget(limits.bundleBytes),
    settling: { asked: 'registry', limitMs, onBug },
  });
  const ofBases = createAnswerCache<Answer>({
    goodMs: Math.min(cache.goodMs, BASE_KEPT_MS),
    badMs: cache.badMs,
    entries: BASES_KEPT,
    now,
  });
  const bases = createSignedBases({ reader, keys, cache: ofBases });
  const rules = { policy: policy.build, trustedSources, bases };

  return {
    verify: async (image) => {
      const subject = subjectOf(image, services);
      switch (subject.kind) {
        case 'foreign':
          return answered([faulty('repository', subject.why)]);
        case 'system':
          return answered([await checkSystem(reader(), subject)]);
        case 'release': {
          const { service, image: released } = subject;
          const firstSeen = firstSeenIn(ledger, service.svc, released);
          // Side by side, and each to its end: a bad signature is told also while Postgres is away.
          return answered(
            await Promise.all([
              checkReleased(reader(), { ...subject, firstSeen }, rules),
              settle(() => checkRelease(check, service.svc, released), {
                asked: 'ledger',
                limitMs,
                onBug,
              }),
            ]),
          );
        }
      }
    },
  };
}
