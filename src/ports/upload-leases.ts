import type { Digest } from '../domain/digest';

export interface LeasedBlob {
  readonly repository: string;
  readonly digest: Digest;
}

/**
 * Blobs that a manifest on its way may name: a collector that runs meanwhile must not take them. Every method throws
 * ReleaseError LEDGER_UNAVAILABLE when it could not find out.
 */
export interface UploadLeases {
  /** Before the registry is asked to end an upload or to mount; `id` is unique to the request. */
  beginCommit(id: string, blob: LeasedBlob): Promise<void>;
  /** Its end is known. `stored`: the client is about to be told that the blob is there, which leases it at `at` (RFC 3339). */
  endCommit(id: string, end: { readonly stored: boolean; readonly at: string }): Promise<void>;
  /** A pusher is about to be told that the blob is there. The newest time counts. */
  lease(blob: LeasedBlob, at: string): Promise<void>;
  /** By a manifest of its repository that the registry has taken. */
  isNamed(blob: LeasedBlob): Promise<boolean>;
  /** Commits begun since then (RFC 3339) whose end is not known. */
  countCommits(since: string): Promise<number>;
  /** Leased since then (RFC 3339) and named by no manifest of their repository; in order, after `after`. */
  listLeased(page: {
    readonly since: string;
    readonly after: LeasedBlob | null;
    readonly limit: number;
  }): Promise<readonly LeasedBlob[]>;
  /** Forgets leases taken and commits begun before then (RFC 3339). */
  forget(before: string): Promise<void>;
}
