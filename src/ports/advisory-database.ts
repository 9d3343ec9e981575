import type { Advisory } from '../domain/advisories/advisory';
import type { Component } from '../domain/advisories/component';

/** The scanner's own database, read by us. Throws ReleaseError SCANNER_UNAVAILABLE. */
export interface AdvisoryDatabase {
  /** sha256 of the file. */
  readonly digest: string;
  /** RFC 3339. */
  readonly updatedAt: string;
  /** Every advisory of a package, of all its feeds that the scanner would ask. */
  advisoriesOf(component: Pick<Component, 'space' | 'name'>): Promise<readonly Advisory[]>;
  /** Every package that has the vulnerability. */
  packagesOf(id: string): Promise<readonly Pick<Component, 'space' | 'name'>[]>;
  /** Packages whose advisories or severities are others than in `before`; all of them when it is null. */
  changedSince(
    before: AdvisoryDatabase | null,
  ): AsyncIterable<Pick<Component, 'space' | 'name'>>;
  close(): Promise<void>;
}
