import { withRevocations, type RevokedKey } from '../../domain/key-revocations';
import type { KeyRings } from '../../ports/signer';
import { remembered } from '../../contract/remembered';

interface RevocableKeysOptions {
  readonly keys: KeyRings;
  /** Oldest first. What it throws is thrown: without it nobody knows what a signature is worth. */
  readonly revoked: () => Promise<readonly RevokedKey[]>;
  /** How long that is believed without asking again, in ms. */
  readonly maxAgeMs?: number;
}

const MAX_AGE_MS = 500;
const ALL_KEYS = '';

/** Key rings with what is on record as revoked, so that one place calls a key back wherever it is kept. */
export function createRevocableKeys({
  keys,
  revoked,
  maxAgeMs = MAX_AGE_MS,
}: RevocableKeysOptions): KeyRings {
  const recorded = remembered(maxAgeMs, revoked);
  return {
    keyRing: async (keyId) => {
      const [ring, list] = await Promise.all([keys.keyRing(keyId), recorded.get(ALL_KEYS)]);
      return withRevocations(ring, list);
    },
  };
}
