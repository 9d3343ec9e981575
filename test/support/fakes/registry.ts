import { writeFile } from 'node:fs/promises';
import { artifactManifest } from '../../../src/adapters/oci/artifact';
import { EMPTY_BYTES, OCI_MANIFEST } from '../../../src/adapters/oci/media-types';
import { selectChild } from '../../../src/adapters/oci/platform';
import { parseImageConfig, parseManifest, sha256 } from '../../../src/adapters/oci/schema';
import { ReleaseError } from '../../../src/contract/errors';
import { isDigest, type Digest } from '../../../src/domain/digest';
import { imageReference, type ImageRef } from '../../../src/domain/reference';
import type { AttachInput, Descriptor, Manifest, Registry } from '../../../src/ports/registry';
import { withCallFaults, type CallFaults } from './call-faults';
import { buildTestImage, type TestImageInput } from './registry-image';

export interface FakeRegistry extends Registry, CallFaults {
  /** Pushes an image without a tag, as the builder does; not in the call log. */
  pushImage(input: TestImageInput): Digest;
  /** Puts one content; not in the call log. */
  putBlob(repository: string, bytes: Buffer): Digest;
  placeManifest(repository: string, bytes: Buffer, mediaType: string, tag?: string): Digest;
  /** Loses a blob or manifest, to see what a reader makes of it. */
  lose(image: ImageRef): void;
}

interface Repository {
  readonly blobs: Map<Digest, Buffer>;
  readonly manifests: Map<Digest, Manifest>;
  readonly tags: Map<string, Digest>;
}

const describe = ({ digest, mediaType, bytes }: Manifest): Descriptor => ({
  digest,
  mediaType,
  size: bytes.length,
});

function notFound(image: ImageRef): never {
  throw new ReleaseError('DIGEST_NOT_FOUND', `${imageReference(image)} is not in the registry`);
}

function closureOf(manifest: Manifest): readonly Digest[] {
  const parts = [manifest.config, ...manifest.layers].filter((part) => part !== undefined);
  return parts.map((part) => part.digest);
}

class Store {
  private readonly repositories = new Map<string, Repository>();

  repository(name: string): Repository {
    const known = this.repositories.get(name);
    const repository = known ?? { blobs: new Map(), manifests: new Map(), tags: new Map() };
    this.repositories.set(name, repository);
    return repository;
  }

  manifest(image: ImageRef): Manifest {
    return this.repository(image.repository).manifests.get(image.digest) ?? notFound(image);
  }

  blob(image: ImageRef): Buffer {
    return this.repository(image.repository).blobs.get(image.digest) ?? notFound(image);
  }

  put(name: string, bytes: Buffer, mediaType: string): Manifest {
    const manifest = parseManifest(bytes, mediaType);
    this.repository(name).manifests.set(manifest.digest, manifest);
    return manifest;
  }

  /** As a registry takes it: with all that it names. */
  putComplete(repository: string, bytes: Buffer, mediaType: string, tag?: string): void {
    const manifest = parseManifest(bytes, mediaType);
    const { blobs, manifests, tags } = this.repository(repository);
    const lacks =
      closureOf(manifest).some((part) => !blobs.has(part)) ||
      manifest.manifests.some((child) => !manifests.has(child.digest));
    if (lacks) notFound({ repository, digest: manifest.digest });
    manifests.set(manifest.digest, manifest);
    if (tag !== undefined) tags.set(tag, manifest.digest);
  }

  remove(repository: string, digest: Digest): void {
    const { manifests, tags } = this.repository(repository);
    manifests.delete(digest);
    for (const [tag, held] of tags) if (held === digest) tags.delete(tag);
  }

  missing({ repository, digest }: ImageRef): readonly Digest[] {
    const { manifests, blobs } = this.repository(repository);
    const manifest = manifests.get(digest);
    if (!manifest) {
      return [digest];
    }
    const children = manifest.manifests.flatMap((child) =>
      this.missing({ repository, digest: child.digest }),
    );
    return [...children, ...closureOf(manifest).filter((part) => !blobs.has(part))];
  }

  copy(image: ImageRef, to: string): void {
    const manifest = this.manifest(image);
    for (const child of manifest.manifests) {
      this.copy({ repository: image.repository, digest: child.digest }, to);
    }
    for (const digest of closureOf(manifest)) {
      const bytes = this.blob({ repository: image.repository, digest });
      this.repository(to).blobs.set(digest, bytes);
    }
    this.repository(to).manifests.set(manifest.digest, manifest);
  }

  attach(input: AttachInput): Descriptor {
    const subject = describe(this.manifest(input.subject));
    const { repository } = input.subject;
    const { bytes, descriptor } = artifactManifest(input, subject);
    const { blobs } = this.repository(repository);
    blobs.set(sha256(EMPTY_BYTES), EMPTY_BYTES).set(sha256(input.payload), input.payload);
    this.put(repository, bytes, OCI_MANIFEST);
    return descriptor;
  }

  referrers(subject: ImageRef, artifactType?: string): readonly Descriptor[] {
    const { manifests } = this.repository(subject.repository);
    return [...manifests.values()]
      .filter((one) => one.subject?.digest === subject.digest)
      .filter((one) => artifactType === undefined || one.artifactType === artifactType)
      .map((one) => ({
        ...describe(one),
        annotations: one.annotations,
        ...(one.artifactType ? { artifactType: one.artifactType } : {}),
      }))
      .slice(0, 200);
  }

  lose({ repository, digest }: ImageRef): void {
    this.repository(repository).blobs.delete(digest);
    this.repository(repository).manifests.delete(digest);
  }
}

function bounded(bytes: Buffer, maxBytes: number, image: ImageRef): Buffer {
  if (bytes.length > maxBytes) {
    throw new ReleaseError('INVALID_INPUT', `${imageReference(image)} is over ${maxBytes} bytes`);
  }
  return bytes;
}

function asRegistry(store: Store): Registry {
  /* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, the fake has nothing to wait for */
  const registry: Registry = {
    resolve: async (repository, reference) => {
      const { tags, manifests } = store.repository(repository);
      const digest = isDigest(reference) ? reference : tags.get(reference);
      const manifest = digest && manifests.get(digest);
      return manifest ? describe(manifest) : null;
    },
    getManifest: async (image) => store.manifest(image),
    getBlob: async (image, maxBytes) => bounded(store.blob(image), maxBytes, image),
    getImageConfig: async (image) => {
      let manifest = store.manifest(image);
      if (manifest.manifests.length > 0) {
        const child = selectChild(manifest.manifests) ?? notFound(image);
        manifest = store.manifest({ repository: image.repository, digest: child.digest });
      }
      const { digest } = manifest.config ?? notFound(image);
      return parseImageConfig(store.blob({ repository: image.repository, digest }));
    },
    downloadBlob: async (image, file, maxBytes = Infinity) =>
      writeFile(file, bounded(store.blob(image), maxBytes, image)),
    findMissing: async (image) => [...new Set(store.missing(image))],
    mount: async (image, toRepository) => {
      store.copy(image, toRepository);
    },
    putTag: async (image, tag) => {
      store.manifest(image);
      store.repository(image.repository).tags.set(tag, image.digest);
    },
    deleteTag: async (repository, tag) => {
      store.repository(repository).tags.delete(tag);
    },
    putManifest: async (repository, { bytes, mediaType }, tag) => {
      store.putComplete(repository, bytes, mediaType, tag);
    },
    deleteManifest: async ({ repository, digest }) => {
      store.remove(repository, digest);
      return { kind: 'deleted' };
    },
    deleteTagOf: async ({ repository, digest }, tag) => {
      const held = store.repository(repository).tags.get(tag);
      if (held !== undefined && held !== digest) {
        return { kind: 'kept', rule: 'tag-moved', why: `${tag} points at ${held}` };
      }
      store.repository(repository).tags.delete(tag);
      return { kind: 'deleted' };
    },
    attach: async (input) => store.attach(input),
    listReferrers: async (subject, artifactType) => store.referrers(subject, artifactType),
    getArtifact: async (image, maxBytes) => {
      const { layers, annotations, artifactType } = store.manifest(image);
      const [layer] = layers;
      if (!layer || layers.length > 1) {
        throw new ReleaseError('INVALID_INPUT', `${imageReference(image)} has not one layer`);
      }
      const blob = { repository: image.repository, digest: layer.digest };
      const descriptor = { ...describe(store.manifest(image)), annotations };
      return {
        descriptor: artifactType ? { ...descriptor, artifactType } : descriptor,
        payload: bounded(store.blob(blob), maxBytes, blob),
      };
    },
    ping: async () => undefined,
  };
  /* eslint-enable @typescript-eslint/require-await */
  return registry;
}

/** A registry in memory with the semantics of the port, referrers API included. */
export function createFakeRegistry(): FakeRegistry {
  const store = new Store();
  const faulty = withCallFaults(asRegistry(store));
  return {
    ...faulty,
    calls: faulty.calls,
    fail: (code, times, method) => {
      faulty.fail(code, times, method);
    },
    pushImage: (input) => {
      const { blobs, manifests, digest } = buildTestImage(input);
      for (const bytes of blobs) {
        store.repository(input.repository).blobs.set(sha256(bytes), bytes);
      }
      for (const { bytes, mediaType } of manifests) {
        store.put(input.repository, bytes, mediaType);
      }
      return digest;
    },
    putBlob: (repository, bytes) => {
      store.repository(repository).blobs.set(sha256(bytes), bytes);
      return sha256(bytes);
    },
    placeManifest: (repository, bytes, mediaType, tag) => {
      const { digest } = store.put(repository, bytes, mediaType);
      if (tag !== undefined) store.repository(repository).tags.set(tag, digest);
      return digest;
    },
    lose: (image) => {
      store.lose(image);
    },
  };
}
