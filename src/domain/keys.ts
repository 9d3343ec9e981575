/** When a key was called back. Times are RFC 3339. */
export interface KeyRevocation {
  readonly revokedAt: string;
  /**
   * Signatures that a record of ours shows before this moment stay good: the key was compromised no earlier.
   * Null: nobody knows since when, so none stays good.
   */
  readonly trustedBefore: string | null;
}

function earlier(one: string, two: string): string {
  return Date.parse(one) <= Date.parse(two) ? one : two;
}

/** Lets stand what both let stand, from the earlier of the two on. */
export function strictest(
  one: KeyRevocation | null,
  { revokedAt, trustedBefore }: KeyRevocation,
): KeyRevocation {
  if (!one) return { revokedAt, trustedBefore };
  return {
    revokedAt: earlier(one.revokedAt, revokedAt),
    trustedBefore:
      one.trustedBefore === null || trustedBefore === null
        ? null
        : earlier(one.trustedBefore, trustedBefore),
  };
}

/** One key pair of a key id. Times are RFC 3339; null means unbounded. */
export interface KeyVersion {
  readonly version: string;
  /** PEM, SubjectPublicKeyInfo. */
  readonly publicKey: string;
  readonly notBefore: string | null;
  /** End of the overlap: the last moment at which a signature may be seen first. */
  readonly notAfter: string | null;
  readonly revocation: KeyRevocation | null;
}

/** All public keys that a signature of one key id may be made with. */
export interface KeyRing {
  readonly keyId: string;
  /** What new signatures are made with. */
  readonly current: KeyVersion;
  /** Former ones, and those that are made known before they sign. */
  readonly others: readonly KeyVersion[];
}

/**
 * What is known of a signature's age. Neither DSSE nor Rekor v2 gives a time that can be trusted, so only a record
 * of ours bounds it: a signature is no younger than its first record, and without one as young as now.
 */
export interface SignatureAge {
  /** RFC 3339: when the ledger first recorded this very signature; null without a record. */
  readonly seenAt: string | null;
  readonly now: Date;
}

export type KeyJudgement = { readonly good: true } | { readonly good: false; readonly why: string };

/** A verifier's clock may lag behind that of the machine which made the key. */
const CLOCK_SKEW_MS = 60_000;

/** A key that was never rotated: one version, valid always. */
export function singleKeyRing(keyId: string, publicKey: string): KeyRing {
  const current = { version: '1', publicKey, notBefore: null, notAfter: null, revocation: null };
  return { keyId, current, others: [] };
}

export function versionsOf({ current, others }: KeyRing): readonly KeyVersion[] {
  return [current, ...others];
}

/** Whether a signature of this age, made with `key`, counts. An unreadable time refuses. */
export function judgeKey(key: KeyVersion, age: SignatureAge): KeyJudgement {
  const nowMs = age.now.getTime();
  // A record from the future says no more than that the signature exists now.
  const seenMs = age.seenAt === null ? nowMs : Math.min(Date.parse(age.seenAt), nowMs);
  const why = revokedWhy(key.revocation, age, seenMs) ?? outsideWhy(key, age, seenMs);
  return why === null
    ? { good: true }
    : { good: false, why: `version ${key.version} of the key ${why}` };
}

function revokedWhy(
  revocation: KeyRevocation | null,
  { seenAt, now }: SignatureAge,
  seenMs: number,
): string | null {
  if (!revocation || now.getTime() < Date.parse(revocation.revokedAt)) return null;
  const { revokedAt, trustedBefore } = revocation;
  if (trustedBefore === null) return `was revoked at ${revokedAt}`;
  if (seenAt === null) {
    return `was revoked at ${revokedAt}, and no record shows the signature before ${trustedBefore}`;
  }
  const untilMs = Math.min(Date.parse(trustedBefore), Date.parse(revokedAt));
  return seenMs < untilMs
    ? null
    : `is not trusted since ${trustedBefore}, and the signature was first seen at ${seenAt}`;
}

function outsideWhy(key: KeyVersion, { seenAt }: SignatureAge, seenMs: number): string | null {
  const { notBefore, notAfter } = key;
  const seen = seenAt === null ? 'no record shows the signature earlier' : `seen at ${seenAt}`;
  if (notBefore !== null && !(seenMs >= Date.parse(notBefore) - CLOCK_SKEW_MS)) {
    return `counts from ${notBefore} on (${seen})`;
  }
  if (notAfter !== null && !(seenMs <= Date.parse(notAfter))) {
    return `counted until ${notAfter} (${seen})`;
  }
  return null;
}
