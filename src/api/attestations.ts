import { ReleaseError } from '../contract/errors';
import type { ImageRef } from '../domain/reference';
import type { Descriptor, Registry } from '../ports/registry';
import { BUNDLE_ARTIFACT_TYPE, type Signer, type VerifiedBundle } from '../ports/signer';

interface Wanted {
  readonly image: ImageRef;
  readonly keyId: string;
  readonly predicateType: string;
  readonly log: boolean;
}

export type Finding =
  | { readonly ok: true; readonly bundle: VerifiedBundle }
  | { readonly ok: false; readonly why: string };

/** As cosign v3 annotates its bundles; a hint to skip others early, never trusted. */
const PREDICATE_ANNOTATION = 'dev.sigstore.bundle.predicateType';
const MAX_BUNDLES = 30;
const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;

/** The first bundle on the image that holds for key and predicate type; else why none does. */
export async function findAttestation(
  parts: { readonly registry: Registry; readonly signer: Signer },
  wanted: Wanted,
): Promise<Finding> {
  const referrers = await parts.registry.listReferrers(wanted.image, BUNDLE_ARTIFACT_TYPE);
  const candidates = referrers.filter((one) => mayHold(one, wanted.predicateType));
  if (candidates.length === 0) return { ok: false, why: 'nothing of this kind is attached' };
  let why = '';
  for (const candidate of candidates.slice(0, MAX_BUNDLES)) {
    try {
      return { ok: true, bundle: await verifyOne(parts, wanted, candidate) };
    } catch (error) {
      if (!(error instanceof ReleaseError) || error.code !== 'SIGNATURE_INVALID') throw error;
      why = error.message;
    }
  }
  return { ok: false, why };
}

function mayHold(descriptor: Descriptor, predicateType: string): boolean {
  const hint = descriptor.annotations?.[PREDICATE_ANNOTATION];
  return hint === undefined || hint === predicateType;
}

async function verifyOne(
  parts: { readonly registry: Registry; readonly signer: Signer },
  wanted: Wanted,
  candidate: Descriptor,
): Promise<VerifiedBundle> {
  const artifact = await parts.registry.getArtifact(
    { repository: wanted.image.repository, digest: candidate.digest },
    MAX_BUNDLE_BYTES,
  );
  return parts.signer.verify(wanted.keyId, artifact.payload, {
    subject: wanted.image.digest,
    predicateType: wanted.predicateType,
    log: wanted.log,
  });
}
