import type { BaseVendors } from '../../../src/ports/base-vendors';
import { createFakeRegistry, type FakeRegistry } from './registry';
import { createFakeRegistryContent } from './registry-content';

export interface FakeBaseVendors extends BaseVendors {
  /** What the vendor publishes. */
  readonly published: FakeRegistry;
  /** Tags that are listed, of every repository. */
  readonly tags: string[];
}

/** One vendor, whatever the host; what is copied comes into `target`. */
export function createFakeBaseVendors(target: FakeRegistry): FakeBaseVendors {
  const published = createFakeRegistry();
  const content = createFakeRegistryContent(published, target);
  const tags: string[] = [];
  return {
    published,
    tags,
    at: () => ({
      ...content,
      resolve: (repository, reference) => published.resolve(repository, reference),
      getBlob: (image, maxBytes) => published.getBlob(image, maxBytes),
      getImageConfig: (image) => published.getImageConfig(image),
      listTags: () => Promise.resolve([...tags]),
    }),
  };
}
