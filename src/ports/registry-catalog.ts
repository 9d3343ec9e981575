import type { ImageRef } from '../domain/reference';
import type { Descriptor, Manifest } from './registry';

export interface NamePage {
  readonly names: readonly string[];
  /** The `after` of the next page; null = this was the last. */
  readonly next: string | null;
}

export interface PageRequest {
  readonly after?: string;
  readonly limit: number;
}

/**
 * All that a registry holds, seen past the gateway, which hides what is quarantined. Every method throws ReleaseError
 * REGISTRY_UNAVAILABLE when it could not find out: no answer and a 5xx are never read as "there is none".
 */
export interface RegistryCatalog {
  /** In the registry's own order, which is not everybody's order of strings. */
  listRepositories(page: PageRequest): Promise<NamePage>;
  /** Null when the registry knows no tags there. */
  listTags(repository: string, page: PageRequest): Promise<NamePage | null>;
  /** What a tag or digest points at; null = the registry answered 404. */
  describe(repository: string, reference: string): Promise<Descriptor | null>;
  /**
   * True only when the registry says in the spec's own words that there is no such manifest or repository: a 404 of a proxy
   * or of a wrong path is not one.
   */
  isAbsent(repository: string, reference: string): Promise<boolean>;
  /** Throws DIGEST_NOT_FOUND. */
  getManifest(image: ImageRef): Promise<Manifest>;
  /** Points `tag` at a manifest of the same repository, and reads it back. Throws DIGEST_NOT_FOUND, CHANNEL_MOVED. */
  putTag(image: ImageRef, tag: string): Promise<void>;
}
