import type { Component } from '../domain/advisories/component';
import type { Digest } from '../domain/digest';
import type { ImageRef } from '../domain/reference';

/** A released digest, and the SBOM that its release recorded. */
export interface ReleasedSbom extends ImageRef {
  /** `sha256:` of the document. */
  readonly sbom: string;
}

/** What an SBOM says that a digest is made of. */
export interface IndexedSbom {
  readonly digest: Digest;
  /** `sha256:` of the document. */
  readonly sbom: string;
  readonly components: readonly Component[];
  /** Kinds of packages that only the scanner judges. */
  readonly uncovered: readonly string[];
  /** RFC 3339. */
  readonly at: string;
}

export interface IndexCounts {
  readonly digests: number;
  /** Different ones. */
  readonly components: number;
  readonly missing: number;
}

/** What digests are made of, by their SBOMs. Throws ReleaseError LEDGER_UNAVAILABLE. */
export interface ComponentIndex {
  /** All of a digest at once; replaces what was known of it. */
  put(one: IndexedSbom): Promise<void>;
  /**
   * The image is gone from its repository. A digest that lies in no other repository is forgotten with what only it was made
   * of, and is not `missing` any more.
   */
  forget(image: ImageRef, at: string): Promise<void>;
  /** A digest that was forgotten is back: it is `missing` until it is put. */
  recall(digest: Digest): Promise<void>;
  /** Digests of releases whose SBOM is recorded and not indexed, by digest. */
  missing(after: Digest | null, limit: number): Promise<readonly ReleasedSbom[]>;
  counts(): Promise<IndexCounts>;
}
