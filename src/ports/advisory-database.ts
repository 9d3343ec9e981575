import type { Advisory } from '../domain/advisories/advisory';
import type { Component } from '../domain/advisories/component';

/** The scanner's own database, read by us. Throws ReleaseError SCANNER_UNAVAILABLE. */
export interface AdvisoryDatabase {
  /** sha256 of the file. */
  readonly digest: string;
  /** RFC 3339. */
  readonly updatedAt: string;
  /** Every advisory of a package, of all its feeds that the scanner would ask; the same for the same space, name and products. */
  advisoriesOf(
    component: Pick<Component, 'space' | 'name' | 'products'>,
  ): Promise<readonly Advisory[]>;
  close(): Promise<void>;
}
