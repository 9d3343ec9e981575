import type { RegistryCredentials } from '../../contract/docker-config';
import type { Registry } from '../../ports/registry';
import { downloadBlob, getBlob } from './blobs';
import { findMissing, getImageConfig, mount } from './closure';
import { createOciHttp, type OciHttp } from './http';
import { deleteManifest, deleteTagOf } from './deletes';
import { deleteTag, getManifest, putNamed, putTag, resolveManifest } from './manifests';
import { readArtifact } from './read-artifact';
import { createAttach, listReferrers } from './referrers';

export interface OciRegistryOptions {
  /** `http(s)://host[:port]`, without a path. */
  readonly url: string;
  readonly credentials?: RegistryCredentials;
  /** Longest silence of the registry before a call gives up, in ms. */
  readonly timeoutMs?: number;
}

export function ociHttpOf(options: OciRegistryOptions): OciHttp {
  return createOciHttp({ timeoutMs: 15_000, ...options });
}

/** Any registry of distribution-spec v1.1, with or without the referrers API. */
export function createOciRegistry(options: OciRegistryOptions): Registry {
  return registryBy(ociHttpOf(options));
}

export function registryBy(http: OciHttp): Registry {
  const read: Pick<Registry, 'getManifest' | 'getBlob'> = {
    getManifest: (image) => getManifest(http, image),
    getBlob: (image, maxBytes) => getBlob(http, image, maxBytes),
  };
  return {
    ...read,
    resolve: (repository, reference) => resolveManifest(http, repository, reference),
    getImageConfig: (image) => getImageConfig(http, image),
    downloadBlob: (image, file, maxBytes) => downloadBlob(http, image, file, maxBytes),
    findMissing: (image) => findMissing(http, image),
    mount: (image, toRepository) => mount(http, image, toRepository),
    putTag: (image, tag) => putTag(http, image, tag),
    deleteTag: (repository, tag) => deleteTag(http, repository, tag),
    putManifest: (repository, manifest, tag) => putNamed(http, repository, manifest, tag),
    deleteManifest: (image, conditions) => deleteManifest(http, image, conditions),
    deleteTagOf: (image, tag, conditions) => deleteTagOf(http, image, tag, conditions),
    attach: createAttach(http),
    listReferrers: (subject, artifactType) => listReferrers(http, subject, artifactType),
    getArtifact: (image, maxBytes) => readArtifact(read, image, maxBytes),
    ping: async () => {
      const response = await http.send({ method: 'GET', path: '/v2/', scopes: [] });
      await response.read(64 * 1024);
    },
  };
}
