import type { KeyObject } from 'node:crypto';
import { hasErrorCode } from '../../contract/error-reason';
import { singleKeyRing, versionsOf, type KeyRing } from '../../domain/keys';
import { keyFile, keyUnavailable, readKey } from './key-files';
import { parsePrivateKey, publicKeyPem } from './key-pem';
import { replaceFile } from './replace-file';
import { keyRingFile } from './schema';

interface FileKey {
  readonly privateKey: KeyObject;
  readonly ring: KeyRing;
}

/** A key and, where it was rotated, its ring. @throws ReleaseError SIGNER_UNAVAILABLE */
export async function readFileKey(dir: string, keyId: string): Promise<FileKey> {
  const privateKey = parsePrivateKey(keyId, await readKey(dir, keyId, 'pem'));
  const publicKey = publicKeyPem(keyId, privateKey);
  const versions = await readVersions(dir, keyId);
  if (versions === null) return { privateKey, ring: singleKeyRing(keyId, publicKey) };
  const current = versions.find((one) => one.publicKey === publicKey);
  if (!current) {
    throw keyUnavailable(
      keyId,
      'its ring does not name it',
      'put back the key that the ring names, or remove the ring: former signatures then end',
    );
  }
  return { privateKey, ring: { keyId, current, others: versions.filter((v) => v !== current) } };
}

async function readVersions(dir: string, keyId: string): Promise<KeyRing['others'] | null> {
  let text: Buffer;
  try {
    text = await readKey(dir, keyId, 'ring.json');
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
  return parseVersions(keyId, text);
}

/** Versions of a ring file. @throws ReleaseError SIGNER_UNAVAILABLE */
export function parseVersions(keyId: string, text: Buffer): KeyRing['others'] {
  let json: unknown = null;
  try {
    json = JSON.parse(text.toString('utf8'));
  } catch {
    // Refused below: null is no ring.
  }
  const parsed = keyRingFile.safeParse(json);
  if (!parsed.success) {
    throw keyUnavailable(keyId, 'its ring is malformed', 'restore the ring file from a backup');
  }
  return parsed.data.versions.map((one) => ({
    ...one,
    publicKey: publicKeyPem(keyId, one.publicKey),
  }));
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && hasErrorCode(error.cause, 'ENOENT');
}

/** In one step: readers see the old ring or the new one. The version that signs comes first. */
export async function writeKeyRing(dir: string, ring: KeyRing, mode?: number): Promise<void> {
  const text = `${JSON.stringify({ versions: versionsOf(ring) }, null, 2)}\n`;
  await replaceFile(keyFile(dir, ring.keyId, 'ring.json'), text, mode);
}
