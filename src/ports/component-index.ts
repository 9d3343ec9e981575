import type { Component } from '../domain/advisories/component';
import type { Digest } from '../domain/digest';

/** A component of the index with the digests that carry it. */
export interface IndexedComponent extends Component {
  readonly digests: readonly Digest[];
}

/** What digests are made of, by their SBOMs. Throws ReleaseError LEDGER_UNAVAILABLE. */
export interface ComponentIndex {
  /** All of a digest at once; replaces what was known of it. `sbom`: sha256 of the document. */
  put(digest: Digest, sbom: string, components: readonly Component[]): Promise<void>;
  forget(digest: Digest): Promise<void>;
  /** Every version of each package, by `space` and `name`. */
  find(
    packages: readonly Pick<Component, 'space' | 'name'>[],
  ): Promise<readonly IndexedComponent[]>;
  /** Spaces and names that the index holds, to cut a database down to what matters; in pages. */
  packages(
    after: Pick<Component, 'space' | 'name'> | null,
    limit: number,
  ): Promise<readonly Pick<Component, 'space' | 'name'>[]>;
  /** Digests of releases with an SBOM that the index lacks. */
  missing(limit: number): Promise<readonly { readonly digest: Digest; readonly sbom: string }[]>;
}
