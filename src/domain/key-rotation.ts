import { versionsOf, type KeyRevocation, type KeyRing, type KeyVersion } from './keys';

/** Makes a new public key known beside the present ones; from `now` on it counts. Known before: nothing changes. */
export function announceKey(ring: KeyRing, publicKey: string, now: Date): KeyRing {
  if (versionsOf(ring).some((one) => one.publicKey === publicKey)) return ring;
  const numbers = versionsOf(ring).map(({ version }) => Number(version));
  const announced: KeyVersion = {
    version: String(Math.max(...numbers) + 1),
    publicKey,
    notBefore: now.toISOString(),
    notAfter: null,
    revocation: null,
  };
  return { ...ring, others: [...ring.others, announced] };
}

/**
 * New signatures are made with the announced `publicKey` from now on. Every other version ends after the overlap,
 * unless its end is set already.
 */
export function switchKey(ring: KeyRing, publicKey: string, now: Date, overlapMs: number): KeyRing {
  const end = new Date(now.getTime() + overlapMs).toISOString();
  const versions = versionsOf(ring);
  const current = versions.find((one) => one.publicKey === publicKey) ?? ring.current;
  const others = versions
    .filter((one) => one !== current)
    .map((one) => ({ ...one, notAfter: one.notAfter ?? end }));
  return { ...ring, current, others };
}

export type RevokeResult =
  | { readonly revoked: true; readonly ring: KeyRing }
  | { readonly revoked: false; readonly why: string; readonly remedy: string };

/** A revoked key must not sign, so the current version has to be rotated out first. */
export function revokeVersion(
  ring: KeyRing,
  version: string,
  revocation: KeyRevocation,
): RevokeResult {
  if (ring.current.version === version) {
    return {
      revoked: false,
      why: `version ${version} is what new signatures are made with`,
      remedy: 'rotate the key first',
    };
  }
  if (!ring.others.some((one) => one.version === version)) {
    return {
      revoked: false,
      why: `there is no version ${version}`,
      remedy: 'list the key to see its versions',
    };
  }
  const others = ring.others.map((one) => (one.version === version ? { ...one, revocation } : one));
  return { revoked: true, ring: { ...ring, others } };
}
