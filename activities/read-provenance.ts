import { ReleaseError } from '../src/contract/errors';
import { inTotoStatement } from '../src/contract/schema/slsa';
import { isDigest, type Digest } from '../src/domain/digest';
import { bindsSubject } from '../src/domain/provenance';
import { imageReference, type ImageRef } from '../src/domain/reference';
import { isRunnable } from '../src/domain/registry/runnable';
import type { Json } from '../src/domain/verdict';
import type { Descriptor, Manifest, Registry } from '../src/ports/registry';
import { PREDICATE_TYPES } from '../src/ports/signer';

const MAX_STATEMENT_BYTES = 8 * 1024 * 1024;
const REFERENCE_TYPE = 'vnd.docker.reference.type';
const REFERENCE_DIGEST = 'vnd.docker.reference.digest';
const PREDICATE_TYPE = 'in-toto.io/predicate-type';

function invalid(image: ImageRef, reason: string, cause?: unknown): never {
  throw new ReleaseError(
    'ATTESTATION_INVALID',
    `The provenance of ${imageReference(image)}: ${reason}`,
    {
      cause,
      details: { remedy: 'build the image again with provenance mode=max,version=v1' },
    },
  );
}

/** The attestation manifest of the one image in the index, with the digest it is about. */
function findAttestation(
  image: ImageRef,
  index: Manifest,
): { readonly child: Descriptor; readonly about: Digest } | null {
  const attestations = index.manifests.filter(
    (child) => child.annotations?.[REFERENCE_TYPE] === 'attestation-manifest',
  );
  const images = index.manifests.filter((child) => !attestations.includes(child));
  const [child, second] = attestations;
  if (!child) {
    return null;
  }
  // What runs is chosen by platform: an image under this annotation would be run and never judged.
  if (isRunnable(child)) {
    return invalid(image, 'its manifest must stand under the platform unknown/unknown');
  }
  // One provenance speaks for one image: with more, the rest would go in unjudged.
  if (second || images.length !== 1) {
    return invalid(image, 'the index must hold one image and one attestation manifest');
  }
  const about = child.annotations?.[REFERENCE_DIGEST] ?? '';
  if (!isDigest(about) || about !== images[0]?.digest) {
    return invalid(image, `it is about "${about}", which is not the image in the index`);
  }
  return { child, about };
}

function parseStatement(image: ImageRef, bytes: Buffer): ReturnType<typeof inTotoStatement.parse> {
  try {
    return inTotoStatement.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    return invalid(image, 'it is not an in-toto statement', cause);
  }
}

/**
 * The unsigned SLSA v1 predicate that BuildKit left in the index (buildkit,
 * docs/attestations/attestation-storage.md); null when there is none. Its subject is bound to the image.
 *
 * @throws ReleaseError ATTESTATION_INVALID when it is there and is about something else or unreadable.
 */
export async function readBuildProvenance(
  registry: Registry,
  image: ImageRef,
): Promise<Json | null> {
  const found = findAttestation(image, await registry.getManifest(image));
  if (!found) {
    return null;
  }
  const { repository } = image;
  const manifest = await registry.getManifest({ repository, digest: found.child.digest });
  const layers = manifest.layers.filter(
    (layer) => layer.annotations?.[PREDICATE_TYPE] === PREDICATE_TYPES.provenance,
  );
  const [layer, second] = layers;
  if (!layer) {
    return null;
  }
  if (second) {
    return invalid(image, 'there is more than one');
  }
  const blob = { repository, digest: layer.digest };
  const statement = parseStatement(image, await registry.getBlob(blob, MAX_STATEMENT_BYTES));
  if (statement.predicateType !== PREDICATE_TYPES.provenance) {
    return invalid(image, `its predicateType is "${statement.predicateType}"`);
  }
  if (!bindsSubject(statement.subject, found.about)) {
    return invalid(image, `its subject is not ${found.about}`);
  }
  return statement.predicate;
}
