import type { BaseSource, SignedRule } from '../domain/bases/family';
import type { Digest } from '../domain/digest';
import type { BaseVendor } from './base-vendors';

/** A digest as its vendor publishes it. */
export interface VendorImage {
  readonly source: BaseSource;
  readonly digest: Digest;
  /** Where its signatures are read, for what keeps them beside the image. */
  readonly vendor: Pick<BaseVendor, 'listAttached' | 'getManifest' | 'getBlob'>;
}

/**
 * Whether a vendor signed a digest, by the rule of its family. Returns what it was verified by, as people read it. Throws SIGNATURE_INVALID
 * with the reason when no signature holds, BASE_REFUSED when it can't be checked here (no trust file, no gpgv), REGISTRY_UNAVAILABLE.
 */
export type VerifyVendor = (image: VendorImage, rule: SignedRule) => Promise<string>;
