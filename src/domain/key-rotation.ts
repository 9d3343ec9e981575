import { strictest, versionsOf, type KeyRevocation, type KeyRing, type KeyVersion } from './keys';

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

interface NotRevoked {
  readonly revoked: false;
  /** What of the request is in the way. */
  readonly field: 'version' | 'trustedBefore';
  readonly why: string;
  readonly remedy: string;
}

export type RevokeResult = { readonly revoked: true; readonly ring: KeyRing } | NotRevoked;

/**
 * A revoked key must not sign, so the current version has to be rotated out first. What was revoked before stays revoked as of
 * then: the same again changes nothing, and nothing makes it looser.
 */
export function revokeVersion(
  ring: KeyRing,
  version: string,
  revocation: KeyRevocation,
): RevokeResult {
  if (ring.current.version === version) {
    return {
      revoked: false,
      field: 'version',
      why: `version ${version} is what new signatures are made with`,
      remedy: 'rotate the key first',
    };
  }
  const found = ring.others.find((one) => one.version === version);
  if (!found) {
    return {
      revoked: false,
      field: 'version',
      why: `there is no version ${version}`,
      remedy: 'list the key to see its versions',
    };
  }
  const standing = found.revocation;
  if (standing && isLooser(revocation, standing)) return takesBack(version, standing);
  const revoked = { ...found, revocation: strictest(standing, revocation) };
  const others = ring.others.map((one) => (one === found ? revoked : one));
  return { revoked: true, ring: { ...ring, others } };
}

function isLooser({ trustedBefore }: KeyRevocation, standing: KeyRevocation): boolean {
  if (trustedBefore === null) return false;
  return (
    standing.trustedBefore === null ||
    Date.parse(trustedBefore) > Date.parse(standing.trustedBefore)
  );
}

function takesBack(version: string, { revokedAt, trustedBefore }: KeyRevocation): NotRevoked {
  const holds =
    trustedBefore === null
      ? 'nothing that it signed holds'
      : `only what is older than ${trustedBefore} holds`;
  return {
    revoked: false,
    field: 'trustedBefore',
    why: `version ${version} was revoked at ${revokedAt}, and ${holds}`,
    remedy: 'a revocation is never taken back: release what it signed anew, by the current version',
  };
}
