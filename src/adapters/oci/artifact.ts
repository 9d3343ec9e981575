import type { AttachInput, Descriptor } from '../../ports/registry';
import { EMPTY_BYTES, EMPTY_TYPE, OCI_MANIFEST } from './media-types';
import { sha256 } from './schema';

interface ArtifactManifest {
  readonly bytes: Buffer;
  /** As listed among the referrers: with artifactType and annotations. */
  readonly descriptor: Descriptor;
}

/**
 * What is small goes with its descriptor too (image-spec, descriptor.md, "Embedded Content"): who reads the manifest has it, and
 * a signature costs one read instead of two.
 */
const MAX_EMBEDDED_BYTES = 16 * 1024;

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
    ...(input.payload.length <= MAX_EMBEDDED_BYTES && { data: input.payload.toString('base64') }),
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

/** What came with a descriptor; null when there is nothing, or not what the digest names. */
export function embeddedContent({ data, digest, size }: Descriptor): Buffer | null {
  if (data === undefined) return null;
  const content = Buffer.from(data, 'base64');
  return content.length === size && sha256(content) === digest ? content : null;
}
