import { rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReleaseError } from '../../contract/errors';
import { announceKey, revokeVersion, switchKey } from '../../domain/key-rotation';
import type { KeyRevocation, KeyRing } from '../../domain/keys';
import { createOnce, newKey } from './ensure-keys';
import { keyFile, readKey } from './key-files';
import { parsePrivateKey, publicKeyPem } from './key-pem';
import { readFileKey, writeKeyRing } from './key-ring-file';

interface RotateOptions {
  readonly now: Date;
  /** How long signatures of the former key count without a record that dates them, in ms. */
  readonly overlapMs: number;
  /** Between the new public half being known and its first signature, in ms: verifiers read the ring anew meanwhile. */
  readonly settleMs: number;
  /** Where verifiers find public halves alone: told of each ring before it counts. */
  readonly publish?: PublishRing;
}

type PublishRing = (ring: KeyRing) => Promise<void>;

const nowhere: PublishRing = () => Promise.resolve();

/**
 * Replaces a file key and keeps the public half of the former one in its ring. Cut short anywhere it leaves keys that
 * work, and goes on with the same new key when it is called again.
 *
 * @throws ReleaseError SIGNER_UNAVAILABLE when there is no such key
 */
export async function rotateKey(
  dir: string,
  keyId: string,
  { now, overlapMs, settleMs, publish = nowhere }: RotateOptions,
): Promise<KeyRing> {
  const { ring } = await readFileKey(dir, keyId);
  const next = keyFile(dir, keyId, 'next.pem');
  await createOnce(next, () => newKey('pem'));
  const publicKey = publicKeyPem(
    keyId,
    parsePrivateKey(keyId, await readKey(dir, keyId, 'next.pem')),
  );
  const announced = announceKey(ring, publicKey, now);
  await writeKeyRing(dir, announced);
  await publish(announced);
  await sleep(settleMs);
  await rename(next, keyFile(dir, keyId, 'pem'));
  const rotated = switchKey(announced, publicKey, now, overlapMs);
  await writeKeyRing(dir, rotated);
  await publish(rotated);
  return rotated;
}

/** @throws ReleaseError INVALID_INPUT for the current version, one that is not there, and what is looser than what stands; SIGNER_UNAVAILABLE */
export async function revokeKey(
  dir: string,
  keyId: string,
  version: string,
  revocation: KeyRevocation,
  publish: PublishRing = nowhere,
): Promise<KeyRing> {
  const { ring } = await readFileKey(dir, keyId);
  const result = revokeVersion(ring, version, revocation);
  if (!result.revoked) {
    throw new ReleaseError('INVALID_INPUT', `key ${keyId}: ${result.why}`, {
      details: { field: result.field, remedy: result.remedy },
    });
  }
  await writeKeyRing(dir, result.ring);
  await publish(result.ring);
  return result.ring;
}
