import type { Digest } from '../domain/digest';
import type { ImageRef } from '../domain/reference';
import type { Manifest } from './registry';

export interface Attached {
  readonly digest: Digest;
  /** Cosign's legacy tag; null when the manifest names its subject. */
  readonly tag: string | null;
}

/**
 * Content as it is, for copies that have to be complete: read past the gateway, which hides what is quarantined, and written through
 * it. Every method throws ReleaseError REGISTRY_UNAVAILABLE when it could not find out.
 */
export interface RegistryContent {
  /** Throws DIGEST_NOT_FOUND. */
  getManifest(image: ImageRef): Promise<Manifest>;
  /** All that is attached to a manifest, by referrers API, fallback tag or legacy tag; an error rather than a part. */
  listAttached(subject: ImageRef): Promise<readonly Attached[]>;
  /** Unchecked: the reader hashes. Throws DIGEST_NOT_FOUND. */
  openBlob(image: ImageRef): Promise<AsyncIterable<Uint8Array>>;
  hasBlob(image: ImageRef): Promise<boolean>;
  pushBlob(image: ImageRef, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** By digest, or under a tag, with its entry among the referrers of its subject. */
  pushManifest(
    repository: string,
    manifest: { readonly bytes: Buffer; readonly mediaType: string },
    tag?: string,
  ): Promise<void>;
}
