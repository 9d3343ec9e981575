import { ReleaseError } from '../contract/errors';
import type { ImageRef } from '../domain/reference';
import type { Descriptor, Registry } from '../ports/registry';
import {
  BUNDLE_ARTIFACT_TYPE,
  PREDICATE_TYPE_ANNOTATION,
  type Signer,
  type VerifiedBundle,
} from '../ports/signer';

interface Parts {
  readonly registry: Registry;
  readonly signer: Signer;
}

interface Wanted {
  readonly image: ImageRef;
  readonly keyId: string;
  readonly predicateType: string;
  readonly log: boolean;
}

export type Finding =
  | { readonly ok: true; readonly bundle: VerifiedBundle }
  | { readonly ok: false; readonly why: string };

export interface Attestations {
  /** Those that hold for key and predicate type, in the registry's order. */
  readonly bundles: readonly VerifiedBundle[];
  /** How many say that they are of this kind. */
  readonly attached: number;
  /** Why the last of the others does not hold. */
  readonly why: string;
}

const MAX_BUNDLES = 30;
const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;

/** The first bundle on the image that holds for key and predicate type; else why none does. */
export async function findAttestation(parts: Parts, wanted: Wanted): Promise<Finding> {
  const { bundles, why } = await findAttestations(parts, wanted, 1);
  const [bundle] = bundles;
  return bundle ? { ok: true, bundle } : { ok: false, why };
}

/** Up to `limit` bundles on the image that hold for key and predicate type. */
export async function findAttestations(
  parts: Parts,
  wanted: Wanted,
  limit = MAX_BUNDLES,
): Promise<Attestations> {
  const referrers = await parts.registry.listReferrers(wanted.image, BUNDLE_ARTIFACT_TYPE);
  const candidates = referrers.filter((one) => mayHold(one, wanted.predicateType));
  const bundles: VerifiedBundle[] = [];
  let why = 'nothing of this kind is attached';
  for (const candidate of candidates.slice(0, MAX_BUNDLES)) {
    try {
      bundles.push(await verifyOne(parts, wanted, candidate));
    } catch (error) {
      if (!(error instanceof ReleaseError) || error.code !== 'SIGNATURE_INVALID') throw error;
      why = error.message;
    }
    if (bundles.length === limit) break;
  }
  const attached = candidates.filter((one) => hintOf(one) === wanted.predicateType).length;
  return { bundles, attached, why };
}

function hintOf(descriptor: Descriptor): string | undefined {
  return descriptor.annotations?.[PREDICATE_TYPE_ANNOTATION];
}

function mayHold(descriptor: Descriptor, predicateType: string): boolean {
  const hint = hintOf(descriptor);
  return hint === undefined || hint === predicateType;
}

async function verifyOne(
  parts: Parts,
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
