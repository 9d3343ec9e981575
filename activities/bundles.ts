import { ReleaseError } from '../src/contract/errors';
import type { Digest } from '../src/domain/digest';
import type { ImageRef } from '../src/domain/reference';
import type { Json } from '../src/domain/verdict';
import {
  BUNDLE_ARTIFACT_TYPE,
  PREDICATE_TYPE_ANNOTATION,
  PREDICATE_TYPES,
  type Statement,
  type VerifiedBundle,
} from '../src/ports/signer';
import type { Deps } from './deps';

/** The registry as any of our robots. */
export interface BundleDeps extends Pick<Deps, 'signer'> {
  readonly registry: Pick<Deps['registry'], 'attach' | 'getArtifact' | 'listReferrers'>;
}

export interface BundleQuery {
  readonly image: ImageRef;
  readonly predicateType: string;
  readonly keyId: string;
  /** Whether a proof of the transparency log is required. */
  readonly log: boolean;
  /** RFC 3339: when a record of ours first showed the signature, see ExpectedBundle; without it, as if made now. */
  readonly seenAt?: string | null;
  /** Takes only a bundle that says this, where a subject may have several of the type. */
  readonly accept?: (bundle: VerifiedBundle) => boolean;
}

/** A bundle holds an SBOM at most; more is not ours. */
const MAX_BUNDLE_BYTES = 32 * 1024 * 1024;
/** Of all bundles of a subject: anyone who can push can attach without end. */
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

export function statementFor(subject: Digest, predicateType: string, predicate: Json): Statement {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: subject.slice('sha256:'.length) } }],
    predicateType,
    predicate,
  };
}

/** An image signature as cosign v3 makes it: a statement with an empty predicate. */
export function signatureStatement(subject: Digest): Statement {
  return statementFor(subject, PREDICATE_TYPES.signature, {});
}

/** Bad evidence is no error; a registry or a key that can't be asked is. */
function isBadEvidence(error: unknown): boolean {
  return (
    error instanceof ReleaseError &&
    ['SIGNATURE_INVALID', 'INVALID_INPUT', 'DIGEST_NOT_FOUND'].includes(error.code)
  );
}

/** The first attached bundle that verifies, else null: a bad one beside a good one harms nobody. */
export async function findVerifiedBundle(
  deps: BundleDeps,
  query: BundleQuery,
): Promise<VerifiedBundle | null> {
  const referrers = await deps.registry.listReferrers(query.image, BUNDLE_ARTIFACT_TYPE);
  let left = MAX_TOTAL_BYTES;
  for (const referrer of referrers) {
    if (left <= 0) break;
    // The fallback tag of registries without a referrers API drops annotations: then look inside.
    const stated = referrer.annotations?.[PREDICATE_TYPE_ANNOTATION];
    if (stated !== undefined && stated !== query.predicateType) continue;
    const image = { repository: query.image.repository, digest: referrer.digest };
    try {
      const max = Math.min(left, MAX_BUNDLE_BYTES);
      const { payload } = await deps.registry.getArtifact(image, max);
      left -= payload.length;
      const verified = await deps.signer.verify(query.keyId, payload, {
        subject: query.image.digest,
        predicateType: query.predicateType,
        log: query.log,
        seenAt: query.seenAt ?? null,
      });
      if (query.accept?.(verified) ?? true) return verified;
    } catch (error) {
      if (!isBadEvidence(error)) throw error;
    }
  }
  return null;
}

/** Ours for this subject and type: attached by an earlier attempt or run, or signed now and not attached yet. */
export type ObtainedBundle =
  | { readonly attached: true; readonly logIndex: string | null }
  | { readonly attached: false; readonly payload: Buffer };

/** Signs once: what is attached and verifies stands. Calls may run side by side. */
export async function obtainBundle(
  deps: BundleDeps,
  query: BundleQuery,
  statement: Statement,
): Promise<ObtainedBundle> {
  const known = await findVerifiedBundle(deps, query);
  if (known) return { attached: true, logIndex: known.logIndex };
  const payload = await deps.signer.sign(query.keyId, statement, query.log);
  return { attached: false, payload };
}

/** Attaches and reads back; returns the index in the log. One call at a time for a subject. */
export async function attachBundle(
  deps: BundleDeps,
  query: BundleQuery,
  bundle: ObtainedBundle,
  createdAt: string,
): Promise<string | null> {
  if (bundle.attached) return bundle.logIndex;
  await deps.registry.attach({
    subject: query.image,
    artifactType: BUNDLE_ARTIFACT_TYPE,
    mediaType: BUNDLE_ARTIFACT_TYPE,
    payload: bundle.payload,
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      [PREDICATE_TYPE_ANNOTATION]: query.predicateType,
      'org.opencontainers.image.created': createdAt,
    },
  });
  const verified = await findVerifiedBundle(deps, query);
  if (!verified) {
    throw new ReleaseError(
      'SIGNATURE_INVALID',
      `The signature just attached to ${query.image.digest} does not verify on reading back`,
      {
        details: {
          remedy: 'check that the key and the transparency log are the ones verified with',
        },
      },
    );
  }
  return verified.logIndex;
}
