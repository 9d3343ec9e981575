import type { Digest } from './digest';

/** Keeps a digest in its repository, with all it is made of and all that is attached to it, until it ends. */
export interface Lease {
  readonly repository: string;
  readonly digest: Digest;
  readonly reason: 'rollback-target';
  /** Whose rollback needs it. */
  readonly svc: string;
  /** RFC 3339, like the others: when it was first taken. */
  readonly takenAt: string;
  readonly renewedAt: string;
  readonly expiresAt: string;
}
