import type { Digest } from '../domain/digest';
import type { Lease } from '../domain/lease';

/** What may not be removed for now. Every method throws ReleaseError LEDGER_UNAVAILABLE when it could not find out. */
export interface Leases {
  /** Takes the lease, or lets the one of the same service and digest last longer; never shorter. Ended ones of the service go. */
  renew(lease: Omit<Lease, 'takenAt'>): Promise<Lease>;
  /** Those of any of the digests that have not ended at `at` (RFC 3339), the one that lasts longest first. */
  find(repository: string, digests: readonly Digest[], at: string): Promise<readonly Lease[]>;
}
