import type { Digest } from '../domain/digest';
import type { KeyRing } from '../domain/keys';
import type { Json } from '../domain/verdict';

/** in-toto Statement v1. */
export interface Statement {
  readonly _type: 'https://in-toto.io/Statement/v1' | 'https://in-toto.io/Statement/v0.1';
  readonly subject: readonly {
    readonly name?: string;
    readonly digest: Readonly<Record<string, string>>;
  }[];
  readonly predicateType: string;
  readonly predicate: Json;
}

export const PREDICATE_TYPES = {
  /** An image signature as cosign v3 writes it. */
  signature: 'https://sigstore.dev/cosign/sign/v1',
  provenance: 'https://slsa.dev/provenance/v1',
  sbom: 'https://cyclonedx.org/bom',
} as const;

export const BUNDLE_ARTIFACT_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
/** As cosign v3 annotates its bundles: a hint to skip others early, never trusted. */
export const PREDICATE_TYPE_ANNOTATION = 'dev.sigstore.bundle.predicateType';
export const SBOM_ARTIFACT_TYPE = 'application/vnd.cyclonedx+json';

/** Names of keys behind the KeyManagement port. */
export const KEY_IDS = {
  release: (region: string): string => `release/${region}`,
  bases: 'bases',
  revert: 'revert',
  decision: 'decision',
  /** MAC key; the gateway derives from it what it signs registry tokens with. */
  registryToken: 'registry-token',
} as const;

export interface VerifiedBundle {
  readonly statement: Statement;
  /** Index in the transparency log; null when the policy does not require the log. */
  readonly logIndex: string | null;
  /** Of the key that made the signature. */
  readonly keyVersion: string;
}

/** Public halves, all that verifying takes. Throws SIGNER_UNAVAILABLE. */
export interface KeyRings {
  /** Every public key that a signature of `keyId` may be made with, former ones included, each with its times. */
  keyRing(keyId: string): Promise<KeyRing>;
}

/**
 * Keys: the private half never leaves the service behind this port (KMS; a file locally).
 * Throws SIGNER_UNAVAILABLE.
 */
export interface KeyManagement extends KeyRings {
  /** ECDSA P-256 over SHA-256(`data`), DER. `keyId` names a purpose and region, e.g. `release/eu-west-1`. */
  sign(keyId: string, data: Buffer): Promise<Buffer>;
  /** PEM, SubjectPublicKeyInfo: of the version that signs now. */
  publicKey(keyId: string): Promise<string>;
  /** HMAC-SHA-256 of `data` under a key of its own, for revert keys and decision tokens. */
  mac(keyId: string, data: Buffer): Promise<Buffer>;
}

export interface ExpectedBundle {
  readonly subject: Digest;
  readonly predicateType: string;
  readonly log: boolean;
  /**
   * RFC 3339: when a record of ours first showed this very signature. Neither DSSE nor Rekor v2 holds a trusted time,
   * so a signature without a record counts as made now: by a version that has ended or was revoked, it is refused.
   * A record of the digest alone will do for an image signature, whose statement says nothing else.
   */
  readonly seenAt?: string | null;
}

/** DSSE bundles in the cosign v3 layout. */
export interface Signer {
  /** Signs, logs in the transparency log when `log`, returns the bundle JSON. Throws SIGNER_UNAVAILABLE, LOG_UNAVAILABLE. */
  sign(keyId: string, statement: Statement, log: boolean): Promise<Buffer>;
  /**
   * Checks signature, log proof when `log`, that `subject` is in the statement, that the predicateType is
   * `predicateType`, and that the key counted when the signature was first seen. Throws SIGNATURE_INVALID with the
   * reason.
   */
  verify(keyId: string, bundle: Buffer, expected: ExpectedBundle): Promise<VerifiedBundle>;
}

/** An append-only public record; used directly for pins. Throws LOG_UNAVAILABLE. */
export interface TransparencyLog {
  /** Appends a signed statement and returns its index and the bundle JSON with the inclusion proof. */
  append(
    keyId: string,
    statement: Statement,
  ): Promise<{ readonly index: string; readonly bundle: Buffer }>;
  ping(): Promise<void>;
}

/** One signature to be made public. The log keeps digest, signature and key, never the statement. */
export interface LogRequest {
  /** SHA-256 of the signed bytes. */
  readonly digest: Buffer;
  readonly signature: Buffer;
  /** PEM of the key that verifies it. */
  readonly publicKey: string;
}

/** The transparency log as a signer needs it. Throws LOG_UNAVAILABLE. */
export interface LogWitness {
  /** Returns sigstore's TransparencyLogEntry in its JSON form, inclusion proof included. */
  record(request: LogRequest): Promise<Json>;
}
