import type { Digest } from '../domain/digest';
import type { WormVersion } from '../domain/worm/manifest';

export interface WormPut {
  readonly key: string;
  readonly digest: Digest;
  readonly size: number;
  /** RFC 3339 */
  readonly lockUntil: string;
  /** The content from its start; called once an upload. */
  readonly open: () => Promise<AsyncIterable<Uint8Array>>;
  /** Makes a version of its own, also where there is one of this key and size. */
  readonly fresh?: boolean;
}

/**
 * Objects that nobody can change or delete before their time, the owner of the store included. Every method throws ReleaseError:
 * WORM_UNAVAILABLE when the store could not be asked, WORM_REFUSED when it does not do what is needed of it.
 */
export interface WormStore {
  /** Throws WORM_REFUSED when the bucket has no Object Lock. */
  check(): Promise<void>;
  /**
   * Stores content once: a version of this key and size that is there is kept, its lock lengthened where it ends earlier. What
   * that version holds is for the caller to read. The key it lies under may be another where that one can't be had. Throws WORM_CORRUPT when the content is not that of the digest.
   */
  put(object: WormPut): Promise<WormVersion>;
  /** Throws WORM_CORRUPT when there is no such version. */
  read(version: WormVersion): Promise<AsyncIterable<Uint8Array>>;
  /** RFC 3339: until when nobody can delete it; null when it is not locked. */
  lockOf(version: WormVersion): Promise<string | null>;
  /** Never makes it shorter. */
  lock(version: WormVersion, until: string): Promise<void>;
}
