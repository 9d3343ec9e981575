import type { RegistryCredentials } from '../../contract/docker-config';
import { ReleaseError } from '../../contract/errors';
import { imageReference, type ImageRef } from '../../domain/reference';
import type { Artifact, Registry } from '../../ports/registry';
import { embeddedContent } from './artifact';
import { downloadBlob, getBlob } from './blobs';
import { findMissing, getImageConfig, mount } from './closure';
import { createOciHttp, type OciHttp } from './http';
import { deleteTag, getManifest, putTag, resolveManifest } from './manifests';
import { createAttach, listReferrers } from './referrers';

interface OciRegistryOptions {
  /** `http(s)://host[:port]`, without a path. */
  readonly url: string;
  readonly credentials?: RegistryCredentials;
  /** Longest silence of the registry before a call gives up, in ms. */
  readonly timeoutMs?: number;
}

async function getArtifact(http: OciHttp, image: ImageRef, maxBytes: number): Promise<Artifact> {
  const manifest = await getManifest(http, image);
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
        : await getBlob(http, { repository, digest: layer.digest }, maxBytes),
  };
}

/** Any registry of distribution-spec v1.1, with or without the referrers API. */
export function createOciRegistry(options: OciRegistryOptions): Registry {
  const http = createOciHttp({ timeoutMs: 15_000, ...options });
  return {
    resolve: (repository, reference) => resolveManifest(http, repository, reference),
    getManifest: (image) => getManifest(http, image),
    getBlob: (image, maxBytes) => getBlob(http, image, maxBytes),
    getImageConfig: (image) => getImageConfig(http, image),
    downloadBlob: (image, file) => downloadBlob(http, image, file),
    findMissing: (image) => findMissing(http, image),
    mount: (image, toRepository) => mount(http, image, toRepository),
    putTag: (image, tag) => putTag(http, image, tag),
    deleteTag: (repository, tag) => deleteTag(http, repository, tag),
    attach: createAttach(http),
    listReferrers: (subject, artifactType) => listReferrers(http, subject, artifactType),
    getArtifact: (image, maxBytes) => getArtifact(http, image, maxBytes),
    ping: async () => {
      const response = await http.send({ method: 'GET', path: '/v2/', scopes: [] });
      await response.read(64 * 1024);
    },
  };
}
