import { createHash } from 'node:crypto';
import { remembered } from '../../contract/remembered';
import type { Service } from '../../domain/service';
import { KEY_IDS, type KeyRings } from '../../ports/signer';

/** Names the keys that images are verified with: answers given with other keys do not count. */
export interface KeySet {
  /** @throws ReleaseError SIGNER_UNAVAILABLE */
  id(): Promise<string>;
}

interface KeySetOptions {
  readonly keys: KeyRings;
  readonly keyIds: readonly string[];
  /** Milliseconds that never jump. */
  readonly clock?: () => number;
}

/** How long a key that was rotated or revoked may go unnoticed, beside what the rings themselves are kept. */
const LOOK_EVERY_MS = 250;
const ALL_KEYS = '';

/** Of all that is verified for these services: what they release, and the bases it stands on. */
export function verifyingKeyIds(services: readonly Pick<Service, 'region'>[]): readonly string[] {
  const regions = [...new Set(services.map(({ region }) => region))].sort();
  return [...regions.map(KEY_IDS.release), KEY_IDS.bases];
}

export function createKeySet({ keys, keyIds, clock }: KeySetOptions): KeySet {
  const ids = remembered(
    LOOK_EVERY_MS,
    async () => {
      // Whole rings: an overlap that is shortened, or a revocation, changes answers as a new key does.
      const rings = await Promise.all(keyIds.map((keyId) => keys.keyRing(keyId)));
      return createHash('sha256').update(JSON.stringify(rings)).digest('base64url');
    },
    clock,
  );
  return { id: () => ids.get(ALL_KEYS) };
}
