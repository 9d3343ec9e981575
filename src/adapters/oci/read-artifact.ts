import { ReleaseError } from '../../contract/errors';
import { imageReference, type ImageRef } from '../../domain/reference';
import type { Artifact, Registry } from '../../ports/registry';
import { embeddedContent } from './artifact';

/** The single layer of an artifact. @throws ReleaseError INVALID_INPUT when it has another number of them */
export async function readArtifact(
  read: Pick<Registry, 'getManifest' | 'getBlob'>,
  image: ImageRef,
  maxBytes: number,
): Promise<Artifact> {
  const manifest = await read.getManifest(image);
  const [layer, ...others] = manifest.layers;
  if (!layer || others.length > 0) {
    throw new ReleaseError(
      'INVALID_INPUT',
      `${imageReference(image)} has ${manifest.layers.length} layers, an artifact has one`,
    );
  }
  const { repository } = image;
  const embedded = embeddedContent(layer);
  return {
    descriptor: {
      digest: manifest.digest,
      mediaType: manifest.mediaType,
      size: manifest.bytes.length,
      annotations: manifest.annotations,
      ...(manifest.artifactType === undefined ? {} : { artifactType: manifest.artifactType }),
    },
    payload:
      embedded && embedded.length <= maxBytes
        ? embedded
        : await read.getBlob({ repository, digest: layer.digest }, maxBytes),
  };
}
