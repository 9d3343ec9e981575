import type { KeyRevocation, KeyRing, KeyVersion } from './keys';

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

/**
 * A ring with what is on record about its keys, oldest first: the last line about a key stands. Where the ring itself says
 * that a version is revoked, the stricter of the two counts.
 */
export function withRevocations(ring: KeyRing, revoked: readonly RevokedKey[]): KeyRing {
  const mark = (version: KeyVersion): KeyVersion => {
    const found = revoked.findLast(
      ({ keyId, publicKey }) => keyId === ring.keyId && publicKey === version.publicKey,
    );
    return found ? { ...version, revocation: stricter(version.revocation, found) } : version;
  };
  return { ...ring, current: mark(ring.current), others: ring.others.map(mark) };
}

function stricter(
  one: KeyRevocation | null,
  { revokedAt, trustedBefore }: RevokedKey,
): KeyRevocation {
  const two = { revokedAt, trustedBefore };
  if (!one) return two;
  return {
    revokedAt: earlier(one.revokedAt, revokedAt),
    trustedBefore:
      one.trustedBefore === null || trustedBefore === null
        ? null
        : earlier(one.trustedBefore, trustedBefore),
  };
}

function earlier(one: string, two: string): string {
  return Date.parse(one) < Date.parse(two) ? one : two;
}
