import type { AttachInput, Descriptor } from '../../ports/registry';
import { EMPTY_BYTES, EMPTY_TYPE, OCI_MANIFEST } from './media-types';
import { sha256 } from './schema';

interface ArtifactManifest {
  readonly bytes: Buffer;
  /** As listed among the referrers: with artifactType and annotations. */
  readonly descriptor: Descriptor;
}

/**
 * One artifact, one layer (image-spec, manifest.md, "Guidelines for Artifact Usage"). The bytes depend on
 * the input alone, no time in them, so that attaching the same thing twice gives the same digest.
 */
export function artifactManifest(input: AttachInput, subject: Descriptor): ArtifactManifest {
  const empty = { mediaType: EMPTY_TYPE, digest: sha256(EMPTY_BYTES), size: EMPTY_BYTES.length };
  const layer = {
    mediaType: input.mediaType,
    digest: sha256(input.payload),
    size: input.payload.length,
  };
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: input.artifactType,
      config: empty,
      layers: [layer],
      subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
      annotations: input.annotations,
    }),
  );
  return {
    bytes,
    descriptor: {
      mediaType: OCI_MANIFEST,
      digest: sha256(bytes),
      size: bytes.length,
      artifactType: input.artifactType,
      annotations: input.annotations,
    },
  };
}
