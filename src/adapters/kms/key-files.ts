import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';

/** Purpose and region, e.g. `release/eu-west-1`: no dots, so no way out of the folder. */
const KEY_ID = /^[a-z0-9][a-z0-9-]*(?:\/[a-z0-9][a-z0-9-]*)*$/;
const MAX_KEY_BYTES = 128 * 1024;

/** The signing key, the one that replaces it during a rotation, all public halves, the only public half, a MAC key. */
export type KeyFileKind = 'pem' | 'next.pem' | 'ring.json' | 'pub' | 'mac';

export function keyUnavailable(
  keyId: string,
  reason: string,
  remedy: string,
  cause?: unknown,
): ReleaseError {
  return new ReleaseError('SIGNER_UNAVAILABLE', `key ${keyId}: ${reason}`, {
    cause,
    details: { keyId, remedy },
  });
}

/**
 * `release/eu-west-1` is called `release_eu-west-1` in folders and key services; an id holds no `_`, so names never clash.
 * @throws ReleaseError INVALID_INPUT
 */
export function keyName(keyId: string): string {
  if (keyId.length > 100 || !KEY_ID.test(keyId)) {
    throw new ReleaseError('INVALID_INPUT', 'malformed key id', {
      details: { field: 'keyId', remedy: 'use names like release/eu-west-1' },
    });
  }
  return keyId.replaceAll('/', '_');
}

export function keyFile(dir: string, keyId: string, kind: KeyFileKind): string {
  return join(dir, `${keyName(keyId)}.${kind}`);
}

/** Reads a key that only its owner can read. @throws ReleaseError SIGNER_UNAVAILABLE */
export async function readKey(dir: string, keyId: string, kind: KeyFileKind): Promise<Buffer> {
  const path = keyFile(dir, keyId, kind);
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw keyUnavailable(
      keyId,
      hasErrorCode(cause, 'ENOENT') ? 'there is no such key' : 'cannot be opened',
      'seed the keys, or check who owns the key folder',
      cause,
    );
  });
  try {
    const stat = await handle.stat();
    if ((stat.mode & 0o077) !== 0) {
      throw keyUnavailable(
        keyId,
        'others can read its file',
        'chmod 600 the file, then rotate the key',
      );
    }
    if (!stat.isFile() || stat.size > MAX_KEY_BYTES) {
      throw keyUnavailable(keyId, 'its file is no key', 'seed the keys again');
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
