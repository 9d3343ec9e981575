import { createHmac, sign } from 'node:crypto';
import type { KeyManagement } from '../../ports/signer';
import { keyUnavailable, readKey } from './key-files';
import { readFileKey } from './key-ring-file';
import { remembered } from '../../contract/remembered';

interface FileKeyManagementOptions {
  /** Folder of the keys, see ensure-keys.ts. */
  readonly dir: string;
  /** How long a signing key and its ring are believed without reading them again, in ms. */
  readonly maxAgeMs?: number;
}

/** Longer than any read takes; what looks for changed keys has to add its own pause, and a revocation counts within a second. */
export const FILE_KEY_MAX_AGE_MS = 500;

/**
 * Keys in files: what a laptop and the local stack have in place of a KMS. A rotated or revoked signing key counts
 * within a second; MAC keys are read once, since what is derived from them has to stay the same.
 */
export function createFileKeyManagement({
  dir,
  maxAgeMs = FILE_KEY_MAX_AGE_MS,
}: FileKeyManagementOptions): KeyManagement {
  const signingKey = remembered(maxAgeMs, (keyId) => readFileKey(dir, keyId));
  const macKey = remembered(Infinity, async (keyId) => {
    const key = await readKey(dir, keyId, 'mac');
    if (key.length !== 32) {
      throw keyUnavailable(keyId, 'its file does not hold 32 bytes', 'seed the keys again');
    }
    return key;
  });
  return {
    sign: async (keyId, data) => sign('sha256', data, (await signingKey.get(keyId)).privateKey),
    publicKey: async (keyId) => (await signingKey.get(keyId)).ring.current.publicKey,
    keyRing: async (keyId) => (await signingKey.get(keyId)).ring,
    mac: async (keyId, data) =>
      createHmac('sha256', await macKey.get(keyId))
        .update(data)
        .digest(),
  };
}
