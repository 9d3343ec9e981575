import { access, readFile } from 'node:fs/promises';
import { hasErrorCode } from '../../contract/error-reason';
import { singleKeyRing, type KeyRing } from '../../domain/keys';
import type { KeyRings } from '../../ports/signer';
import { FILE_KEY_MAX_AGE_MS } from './file-key-management';
import { keyFile, keyUnavailable, type KeyFileKind } from './key-files';
import { publicKeyPem } from './key-pem';
import { parseVersions } from './key-ring-file';
import { remembered } from '../../contract/remembered';

interface PublicKeyFilesOptions {
  /** Folder with `{name}.ring.json` of keys that were rotated and `{name}.pub` of others, and no private key. */
  readonly dir: string;
  /** How long a ring is believed without reading it again, in ms. */
  readonly maxAgeMs?: number;
}

/** What verifies needs no more than public halves: who reads them can sign nothing. */
export function createPublicKeyFiles({
  dir,
  maxAgeMs = FILE_KEY_MAX_AGE_MS,
}: PublicKeyFilesOptions): KeyRings {
  const rings = remembered(maxAgeMs, (keyId) => readRing(dir, keyId));
  return { keyRing: (keyId) => rings.get(keyId) };
}

async function readRing(dir: string, keyId: string): Promise<KeyRing> {
  await refusePrivateKey(dir, keyId);
  const text = await read(dir, keyId, 'ring.json');
  if (text !== null) {
    // As it was written: the version that signs comes first.
    const [current, ...others] = parseVersions(keyId, text);
    if (current) return { keyId, current, others };
  }
  const pem = await read(dir, keyId, 'pub');
  if (pem !== null) return singleKeyRing(keyId, publicKeyPem(keyId, pem.toString('utf8')));
  throw keyUnavailable(
    keyId,
    'the folder of public keys has neither its ring nor its public key',
    'put them there: keys.js export (docs/keys.md)',
  );
}

/** Whoever mounts private keys into a verifier gave it more than it needs, likely without knowing. */
async function refusePrivateKey(dir: string, keyId: string): Promise<void> {
  try {
    await access(keyFile(dir, keyId, 'pem'));
  } catch {
    return;
  }
  throw keyUnavailable(
    keyId,
    'the folder of public keys holds its private key',
    'give the verifier a folder of public keys alone: keys.js export (docs/keys.md)',
  );
}

async function read(dir: string, keyId: string, kind: KeyFileKind): Promise<Buffer | null> {
  try {
    return await readFile(keyFile(dir, keyId, kind));
  } catch (cause) {
    if (hasErrorCode(cause, 'ENOENT')) return null;
    throw keyUnavailable(
      keyId,
      'its public key cannot be read',
      'check who owns the folder',
      cause,
    );
  }
}
