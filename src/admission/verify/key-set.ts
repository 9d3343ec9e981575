import { createHash } from 'node:crypto';
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

/** Of all that is verified for these services: what they release, and the bases it stands on. */
export function verifyingKeyIds(services: readonly Pick<Service, 'region'>[]): readonly string[] {
  const regions = [...new Set(services.map(({ region }) => region))].sort();
  return [...regions.map(KEY_IDS.release), KEY_IDS.bases];
}

export function createKeySet({
  keys,
  keyIds,
  clock = () => performance.now(),
}: KeySetOptions): KeySet {
  let known: { readonly id: Promise<string>; readonly at: number } | null = null;

  async function read(): Promise<string> {
    // Whole rings: an overlap that is shortened, or a revocation, changes answers as a new key does.
    const rings = await Promise.all(keyIds.map((keyId) => keys.keyRing(keyId)));
    return createHash('sha256').update(JSON.stringify(rings)).digest('base64url');
  }

  return {
    id: () => {
      if (known && clock() - known.at < LOOK_EVERY_MS) return known.id;
      const id = read();
      const mine = { id, at: clock() };
      known = mine;
      // A failure is not remembered: the next review asks again.
      id.catch(() => {
        if (known === mine) known = null;
      });
      return id;
    },
  };
}
