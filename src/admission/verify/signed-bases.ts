import { imageReference, type ImageRef } from '../../domain/reference';
import { KEY_IDS, PREDICATE_TYPES } from '../../ports/signer';
import type { Answer, AnswerCache } from '../cache/answer-cache';
import { findBundles, type BundleReader } from './bundles';
import type { KeySet } from './key-set';

/** Whether bases are signed by their custodian. Throws what `findBundles` and the keys throw. */
export interface SignedBases {
  isSigned(base: ImageRef): Promise<boolean>;
}

interface SignedBasesParts {
  /** A new one for each base: what is attached to one does not count for another. */
  readonly reader: () => BundleReader;
  readonly keys: KeySet;
  readonly cache: AnswerCache<Answer>;
}

/** Most images stand on few bases, whose evidence would be read again with each of them. */
export function createSignedBases({ reader, keys, cache }: SignedBasesParts): SignedBases {
  const { signature } = PREDICATE_TYPES;

  async function look(base: ImageRef): Promise<Answer> {
    const wanted = { image: base, keyId: KEY_IDS.bases, predicateTypes: [signature] };
    const found = await findBundles(reader(), wanted);
    return { good: found.get(signature)?.ok === true, complete: true, expiresAt: null };
  }

  return {
    isSigned: async (base) => {
      const key = `${imageReference(base)} ${await keys.id()}`;
      const { answer } = await cache.get(key, () => look(base));
      return answer.good;
    },
  };
}
