import { parseManifest, sha256 } from '../../../src/adapters/oci/schema';
import { ReleaseError } from '../../../src/contract/errors';
import { isDigest, type Digest } from '../../../src/domain/digest';
import { imageReference, type ImageRef } from '../../../src/domain/reference';
import type { Manifest } from '../../../src/ports/registry';
import type { NamePage, PageRequest, RegistryCatalog } from '../../../src/ports/registry-catalog';
import { withCallFaults, type CallFaults } from './call-faults';
import { buildTestImage, type TestImageInput } from './registry-image';

export interface FakeRegistryCatalog extends RegistryCatalog, CallFaults {
  /** Pushes past everybody, with a tag or without. */
  push(input: TestImageInput, tag?: string): Digest;
  /** Pushes the bytes of a manifest as they are. */
  pushManifest(repository: string, manifest: object, mediaType: string, tag?: string): Digest;
  setTag(repository: string, tag: string, digest: Digest): void;
  deleteTag(repository: string, tag: string): void;
  /** With all tags that point at it, as registries do. */
  deleteManifest(image: ImageRef): void;
  /** Forgets everything, as a registry whose storage is not mounted. */
  lose(): void;
  tagOf(repository: string, tag: string): Digest | null;
  /** From now on a 404 says nothing about what is unknown. */
  answerLikeProxy(): void;
  /** Calls about this repository throw REGISTRY_UNAVAILABLE. */
  breakRepository(repository: string): void;
}

interface Held {
  readonly manifests: Map<Digest, Manifest>;
  readonly tags: Map<string, Digest>;
}

function pageOf(names: readonly string[], { after, limit }: PageRequest): NamePage {
  const rest = [...names].sort().filter((name) => after === undefined || name > after);
  const page = rest.slice(0, limit);
  return { names: page, next: rest.length > limit ? (page.at(-1) ?? null) : null };
}

/** A registry in memory, as seen past the gateway. */
export function createFakeRegistryCatalog(): FakeRegistryCatalog {
  const repositories = new Map<string, Held>();
  const broken = new Set<string>();
  const state = { likeProxy: false };

  function held(repository: string): Held {
    const known = repositories.get(repository) ?? { manifests: new Map(), tags: new Map() };
    repositories.set(repository, known);
    return known;
  }

  function find(repository: string, reference: string): Manifest | null {
    if (broken.has(repository)) {
      throw new ReleaseError('REGISTRY_UNAVAILABLE', `${repository} is ordered to fail`);
    }
    const place = repositories.get(repository);
    const digest = isDigest(reference) ? reference : place?.tags.get(reference);
    return (digest && place?.manifests.get(digest)) ?? null;
  }

  function store(repository: string, bytes: Buffer, mediaType: string): Digest {
    const manifest = parseManifest(bytes, mediaType);
    held(repository).manifests.set(manifest.digest, manifest);
    return manifest.digest;
  }

  function setTag(repository: string, tag: string, digest: Digest): void {
    held(repository).tags.set(tag, digest);
  }

  function mustFind({ repository, digest }: ImageRef): Manifest {
    const manifest = find(repository, digest);
    if (manifest) return manifest;
    throw new ReleaseError(
      'DIGEST_NOT_FOUND',
      `${imageReference({ repository, digest })} is not there`,
    );
  }

  /* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, the fake has nothing to wait for */
  const catalog: RegistryCatalog = {
    listRepositories: async (page) => pageOf([...repositories.keys()], page),
    listTags: async (repository, page) => {
      find(repository, 'any');
      const tags = repositories.get(repository)?.tags;
      return tags && tags.size > 0 ? pageOf([...tags.keys()], page) : null;
    },
    describe: async (repository, reference) => {
      const manifest = find(repository, reference);
      if (!manifest) return null;
      const { digest, mediaType, bytes } = manifest;
      return { digest, mediaType, size: bytes.length };
    },
    isAbsent: async (repository, reference) => !find(repository, reference) && !state.likeProxy,
    getManifest: async (image) => mustFind(image),
    putTag: async (image, tag) => {
      mustFind(image);
      setTag(image.repository, tag, image.digest);
    },
  };
  /* eslint-enable @typescript-eslint/require-await */
  const faulty = withCallFaults(catalog);
  return {
    ...faulty,
    calls: faulty.calls,
    fail: (code, times, method) => {
      faulty.fail(code, times, method);
    },
    push: (input, tag) => {
      const { digest, manifests } = buildTestImage(input);
      for (const { bytes, mediaType } of manifests) store(input.repository, bytes, mediaType);
      if (tag !== undefined) setTag(input.repository, tag, digest);
      return digest;
    },
    pushManifest: (repository, manifest, mediaType, tag) => {
      const bytes = Buffer.from(JSON.stringify(manifest));
      const digest = store(repository, bytes, mediaType);
      if (tag !== undefined) setTag(repository, tag, digest);
      return sha256(bytes);
    },
    setTag,
    deleteTag: (repository, tag) => {
      held(repository).tags.delete(tag);
    },
    deleteManifest: ({ repository, digest }) => {
      const { manifests, tags } = held(repository);
      manifests.delete(digest);
      for (const [tag, target] of tags) if (target === digest) tags.delete(tag);
    },
    lose: () => {
      repositories.clear();
    },
    tagOf: (repository, tag) => repositories.get(repository)?.tags.get(tag) ?? null,
    answerLikeProxy: () => {
      state.likeProxy = true;
    },
    breakRepository: (repository) => {
      broken.add(repository);
    },
  };
}
