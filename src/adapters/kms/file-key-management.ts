import { createHmac, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import type { KeyManagement } from '../../ports/signer';
import { keyUnavailable, readKey } from './key-files';

interface FileKeyManagementOptions {
  /** Folder of the keys, see ensure-keys.ts. */
  readonly dir: string;
}

function parsePrivateKey(keyId: string, pem: Buffer): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw keyUnavailable(keyId, 'its file holds no private key', 'seed the keys again');
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw keyUnavailable(keyId, 'it is not an ECDSA P-256 key', 'seed the keys again');
  }
  return key;
}

/** Keeps what `load` gives; a failed load is tried again by the next caller. */
function remembered<T>(load: (keyId: string) => Promise<T>): (keyId: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (keyId) => {
    const value = known.get(keyId) ?? load(keyId);
    known.set(keyId, value);
    value.catch(() => known.delete(keyId));
    return value;
  };
}

/**
 * Keys in files: what a laptop and the local stack have in place of a KMS.
 * Each key is read once; a changed file counts from the next start.
 */
export function createFileKeyManagement({ dir }: FileKeyManagementOptions): KeyManagement {
  const privateKey = remembered(async (keyId) =>
    parsePrivateKey(keyId, await readKey(dir, keyId, 'pem')),
  );
  const publicKey = remembered(async (keyId) => {
    const key = createPublicKey(await privateKey(keyId));
    return key.export({ type: 'spki', format: 'pem' }).toString();
  });
  const macKey = remembered(async (keyId) => {
    const key = await readKey(dir, keyId, 'mac');
    if (key.length !== 32) {
      throw keyUnavailable(keyId, 'its file does not hold 32 bytes', 'seed the keys again');
    }
    return key;
  });
  return {
    sign: async (keyId, data) => sign('sha256', data, await privateKey(keyId)),
    publicKey,
    mac: async (keyId, data) =>
      createHmac('sha256', await macKey(keyId))
        .update(data)
        .digest(),
  };
}
