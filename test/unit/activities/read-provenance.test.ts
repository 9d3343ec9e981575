import { readBuildProvenance } from '../../../activities/read-provenance';
import type { Manifest, Registry } from '../../../src/ports/registry';
import { fakeProvenance } from '../../support/fakes/builder';
import { createFakeRegistry } from '../../support/fakes/registry';

const repository = 'apps/a/a';
const predicate = fakeProvenance({ contextPath: '/s', repository, labels: {}, bases: {} });

function pushed(): {
  registry: Registry;
  image: { repository: string; digest: `sha256:${string}` };
} {
  const registry = createFakeRegistry();
  const digest = registry.pushImage({ repository, provenance: predicate });
  return { registry, image: { repository, digest } };
}

/** The registry, with the index changed on its way. */
function withIndex(registry: Registry, edit: (index: Manifest) => Manifest): Registry {
  return {
    ...registry,
    getManifest: async (image) => {
      const manifest = await registry.getManifest(image);
      return manifest.manifests.length > 0 ? edit(manifest) : manifest;
    },
  };
}

describe('readBuildProvenance', () => {
  it('reads the predicate that the builder left in the index', async () => {
    const { registry, image } = pushed();

    await expect(readBuildProvenance(registry, image)).resolves.toEqual(predicate);
  });

  it('has none for an image without attestation, index or not', async () => {
    const registry = createFakeRegistry();

    for (const index of [true, false]) {
      const digest = registry.pushImage({ repository, index });

      await expect(readBuildProvenance(registry, { repository, digest })).resolves.toBeNull();
    }
  });

  it('refuses one that is about another image than the one in the index', async () => {
    const { registry, image } = pushed();
    const other = `sha256:${'f'.repeat(64)}` as const;
    const swapped = withIndex(registry, (index) => ({
      ...index,
      manifests: index.manifests.map((child, place) =>
        place === 0 ? { ...child, digest: other } : child,
      ),
    }));

    await expect(readBuildProvenance(swapped, image)).rejects.toMatchObject({
      code: 'ATTESTATION_INVALID',
    });
  });

  it('refuses one whose annotation was changed to the other image but whose subject was not', async () => {
    const { registry, image } = pushed();
    const other = `sha256:${'f'.repeat(64)}` as const;
    const relabelled = withIndex(registry, (index) => ({
      ...index,
      manifests: index.manifests.map((child, place) =>
        place === 0
          ? { ...child, digest: other }
          : {
              ...child,
              annotations: { ...child.annotations, 'vnd.docker.reference.digest': other },
            },
      ),
    }));

    await expect(readBuildProvenance(relabelled, image)).rejects.toMatchObject({
      message: expect.stringContaining('subject') as unknown,
    });
  });

  it('refuses an index with a second image that no provenance speaks for', async () => {
    const { registry, image } = pushed();
    const doubled = withIndex(registry, (index) => ({
      ...index,
      manifests: [...index.manifests, index.manifests[0]!],
    }));

    await expect(readBuildProvenance(doubled, image)).rejects.toMatchObject({
      code: 'ATTESTATION_INVALID',
    });
  });

  it('refuses an attestation that a runtime would take for the image', async () => {
    const { registry, image } = pushed();
    const runnable = withIndex(registry, (index) => ({
      ...index,
      manifests: index.manifests.map((child) => ({
        ...child,
        platform: { os: 'linux', architecture: 'amd64' },
      })),
    }));

    await expect(readBuildProvenance(runnable, image)).rejects.toMatchObject({
      code: 'ATTESTATION_INVALID',
      message: expect.stringContaining('unknown/unknown') as unknown,
    });
  });
});
