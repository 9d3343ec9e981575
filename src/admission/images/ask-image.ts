import { imageReference, type ImageRef } from '../../domain/reference';
import type { Answer, AnswerCache, Cached } from '../cache/answer-cache';
import type { AdmissionDependencies } from '../dependencies';
import { CLEAN, type Finding } from '../verify/finding';

type AskDependencies = Pick<
  AdmissionDependencies,
  'allow' | 'verifier' | 'keys' | 'allowCache' | 'verificationCache' | 'policyHash' | 'metrics'
>;

/** The two questions about an image that are worth remembering. */
export interface ImageQuestions {
  /**
   * Whether the allow-list of this revision lets it in here. An answer of another revision is not kept.
   *
   * @throws ReleaseError LEDGER_UNAVAILABLE
   */
  allowed(image: ImageRef, namespace: string, revision: number): Promise<Finding>;
  /**
   * Whether its evidence holds, by the keys and rules of now. `standing`: the evidenceKey of when it is asked.
   *
   * @throws ReleaseError SIGNER_UNAVAILABLE when the keys can't be read
   */
  verified(image: ImageRef, standing: string): Promise<Finding>;
}

export function createImageQuestions(deps: AskDependencies): ImageQuestions {
  async function ask<T extends Answer>(
    name: 'allow-list' | 'verification',
    cache: AnswerCache<T>,
    key: readonly (string | number)[],
    question: () => Promise<T>,
  ): Promise<T> {
    const { answer, hit }: Cached<T> = await cache.get(key.join(' '), question);
    deps.metrics.cache.inc({ cache: name, outcome: hit ? 'hit' : 'miss' });
    return answer;
  }

  return {
    allowed: async (image, namespace, revision) => {
      const key = [imageReference(image), namespace, revision, deps.policyHash];
      const { allowed, reasons, expiresAt } = await ask(
        'allow-list',
        deps.allowCache,
        key,
        async () => {
          const judged = await deps.allow.judge({ ...image, namespace });
          return { ...judged, good: judged.allowed, complete: judged.revision === revision };
        },
      );
      const message = reasons.join(' ') || `It is not on the allow-list of ${namespace}.`;
      const faults = allowed ? [] : [{ rule: 'allow-list', message } as const];
      return { ...CLEAN, faults, expiresAt };
    },
    verified: async (image, standing) => {
      const keys = await deps.keys.id();
      const key = [imageReference(image), deps.policyHash, keys, standing];
      return ask('verification', deps.verificationCache, key, () => deps.verifier.verify(image));
    },
  };
}
