import type { KeyObject } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';

/** ECDSA P-256 over a digest as it is given, DER: Node signs only what it hashes itself. */
export function signDigest(privateKey: KeyObject, digest: Buffer): Buffer {
  const { d = '' } = privateKey.export({ format: 'jwk' });
  const secret = Buffer.from(d, 'base64url');
  return Buffer.from(p256.sign(digest, secret, { prehash: false, format: 'der' }));
}
