import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { keyUnavailable } from './key-files';

const CURVE = 'prime256v1';

/** @throws ReleaseError SIGNER_UNAVAILABLE when it is not an ECDSA P-256 key; its bytes are in no message. */
export function parsePrivateKey(keyId: string, pem: Buffer): KeyObject {
  return checked(keyId, 'its file holds no private key', () => createPrivateKey(pem));
}

/** One form for all: PEM, SubjectPublicKeyInfo. @throws ReleaseError SIGNER_UNAVAILABLE */
export function publicKeyPem(keyId: string, key: KeyObject | string | Buffer): string {
  const publicKey = checked(keyId, 'what is given for its public half is none', () =>
    // A DER body is what clouds answer with; text is PEM.
    Buffer.isBuffer(key)
      ? createPublicKey({ key, format: 'der', type: 'spki' })
      : createPublicKey(key),
  );
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function checked(keyId: string, reason: string, read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch {
    throw keyUnavailable(keyId, reason, 'put the right key there, or seed the keys again');
  }
  if (key.asymmetricKeyDetails?.namedCurve !== CURVE) {
    throw keyUnavailable(keyId, 'it is not an ECDSA P-256 key', 'use a P-256 key');
  }
  return key;
}
