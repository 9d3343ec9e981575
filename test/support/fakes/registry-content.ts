import { ReleaseError } from '../../../src/contract/errors';
import { sha256 } from '../../../src/adapters/oci/schema';
import type { RegistryContent } from '../../../src/ports/registry-content';
import { withCallFaults, type CallFaults } from './call-faults';
import type { FakeRegistry } from './registry';

export type FakeRegistryContent = RegistryContent & CallFaults;

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** The content of a fake registry; of another one where it is written to. */
export function createFakeRegistryContent(
  registry: FakeRegistry,
  target: FakeRegistry = registry,
): FakeRegistryContent {
  const content: RegistryContent = {
    getManifest: (image) => registry.getManifest(image),
    listAttached: async (subject) => {
      const { repository, digest } = subject;
      const listed = await registry.listReferrers(subject);
      const legacy = ['sig', 'att', 'sbom'].map((kind) => `${digest.replace(':', '-')}.${kind}`);
      const found = await Promise.all(
        legacy.map(async (tag) => ({ tag, at: await registry.resolve(repository, tag) })),
      );
      return [
        ...listed.map((one) => ({ digest: one.digest, tag: null })),
        ...found.flatMap(({ tag, at }) => (at ? [{ digest: at.digest, tag }] : [])),
      ];
    },
    openBlob: async (image) => {
      const bytes = await registry.getBlob(image, NO_LIMIT);
      return (async function* () {
        await Promise.resolve();
        yield bytes;
      })();
    },
    hasBlob: (image) =>
      target.getBlob(image, NO_LIMIT).then(
        () => true,
        () => false,
      ),
    pushBlob: async ({ repository, digest }, chunks) => {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      const bytes = Buffer.concat(parts);
      if (sha256(bytes) !== digest) throw new ReleaseError('INVALID_INPUT', 'DIGEST_INVALID');
      target.putBlob(repository, bytes);
    },
    pushManifest: (repository, { bytes, mediaType }, tag) => {
      target.placeManifest(repository, bytes, mediaType, tag);
      return Promise.resolve();
    },
  };
  return withCallFaults(content);
}
