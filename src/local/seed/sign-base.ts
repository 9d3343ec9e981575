import { ReleaseError } from '../../contract/errors';
import type { ImageRef } from '../../domain/reference';
import type { Registry } from '../../ports/registry';
import {
  BUNDLE_ARTIFACT_TYPE,
  KEY_IDS,
  PREDICATE_TYPES,
  type Signer,
  type Statement,
} from '../../ports/signer';

const MAX_BUNDLE_BYTES = 1024 * 1024;

export interface BaseSigning {
  readonly registry: Registry;
  readonly signer: Signer;
  /** Whether signatures go to the transparency log. */
  readonly log: boolean;
}

/** Whether the custodian's signature is attached and verifies. */
export async function isBaseSigned(signing: BaseSigning, image: ImageRef): Promise<boolean> {
  const { registry, signer, log } = signing;
  for (const { digest } of await registry.listReferrers(image, BUNDLE_ARTIFACT_TYPE)) {
    const bundle = await registry.getArtifact(
      { repository: image.repository, digest },
      MAX_BUNDLE_BYTES,
    );
    const expected = { subject: image.digest, predicateType: PREDICATE_TYPES.signature, log };
    try {
      await signer.verify(KEY_IDS.bases, bundle.payload, expected);
      return true;
    } catch (error) {
      if (!(error instanceof ReleaseError && error.code === 'SIGNATURE_INVALID')) {
        throw error;
      }
    }
  }
  return false;
}

/** Signs a base as its custodian does at import, in the layout of cosign v3. Signed before: nothing is done. */
export async function signBase(signing: BaseSigning, image: ImageRef): Promise<void> {
  if (await isBaseSigned(signing, image)) {
    return;
  }
  const statement: Statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: image.digest.slice('sha256:'.length) } }],
    predicateType: PREDICATE_TYPES.signature,
    predicate: {},
  };
  await signing.registry.attach({
    subject: image,
    artifactType: BUNDLE_ARTIFACT_TYPE,
    mediaType: BUNDLE_ARTIFACT_TYPE,
    payload: await signing.signer.sign(KEY_IDS.bases, statement, signing.log),
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': PREDICATE_TYPES.signature,
    },
  });
}
