import { strictest, type KeyRevocation, type KeyRing, type KeyVersion } from './keys';

/** A key that somebody called back, on record for every process. */
export interface RevokedKey extends KeyRevocation {
  readonly keyId: string;
  /** As its ring called it then. */
  readonly version: string;
  /** PEM, SubjectPublicKeyInfo: which key is meant, whatever its version is called now. */
  readonly publicKey: string;
  readonly reason: string;
  readonly by: string;
}

function isAbout({ keyId, publicKey }: RevokedKey, id: string, version: KeyVersion): boolean {
  return keyId === id && publicKey === version.publicKey;
}

/**
 * A ring with what is on record about its keys. Of several lines about a key, and of what the ring itself says, the strictest
 * counts: a revocation is never taken back.
 */
export function withRevocations(ring: KeyRing, revoked: readonly RevokedKey[]): KeyRing {
  const mark = (version: KeyVersion): KeyVersion => {
    const revocation = revoked
      .filter((line) => isAbout(line, ring.keyId, version))
      .reduce<KeyRevocation | null>(strictest, version.revocation);
    return { ...version, revocation };
  };
  return { ...ring, current: mark(ring.current), others: ring.others.map(mark) };
}

/** What is on record about a key with that very `trustedBefore`, the first of it; null when nothing is. */
export function recordedRevocation(
  revoked: readonly RevokedKey[],
  keyId: string,
  version: KeyVersion,
  trustedBefore: string | null,
): RevokedKey | null {
  const found = revoked.find(
    (line) => isAbout(line, keyId, version) && line.trustedBefore === trustedBefore,
  );
  return found ?? null;
}
