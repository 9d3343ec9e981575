import type { Registry } from './registry';
import type { RegistryContent } from './registry-content';

/**
 * The registry of a vendor, read as it is, and our own to write into as the base custodian. Throws ReleaseError REGISTRY_UNAVAILABLE, and
 * INVALID_INPUT for what is malformed.
 */
export interface BaseVendor
  extends
    Pick<Registry, 'resolve' | 'getManifest' | 'getBlob' | 'getImageConfig'>,
    Pick<RegistryContent, 'listAttached' | 'openBlob' | 'hasBlob' | 'pushBlob' | 'pushManifest'> {
  /** All of a repository; more than 50,000 are INVALID_INPUT. Empty where there is no such repository. */
  listTags(repository: string): Promise<readonly string[]>;
}

export interface BaseVendors {
  /** `host[:port]`; `docker.io` is Docker Hub. HTTPS, but for a loopback address. */
  at(host: string): BaseVendor;
}
