import type { Digest } from '../domain/digest';

/** A deleted manifest as it was, so that it can be put back until its blobs are reclaimed. */
export interface Tombstone {
  readonly repository: string;
  readonly digest: Digest;
  readonly mediaType: string;
  /** The manifest's own bytes. */
  readonly bytes: Buffer;
  /** Tags that pointed at it and went with it or by the same plan. */
  readonly tags: readonly string[];
  readonly planId: string;
  readonly deletedAt: string;
}

export type TombstoneState = 'buried' | 'restored' | 'reclaimed';

export interface RecordedTombstone extends Omit<Tombstone, 'bytes'> {
  readonly state: TombstoneState;
  readonly size: number;
  readonly stateAt: string;
  readonly stateBy: string;
}

/** Every method throws ReleaseError LEDGER_UNAVAILABLE when it could not find out. */
export interface Tombstones {
  /** Before the delete. Idempotent by repository, digest and plan. Tags of later calls are added. */
  bury(tombstone: Tombstone): Promise<void>;
  /**
   * What it was buried for was not deleted after all: that tag, or without one the manifest. What else of it went by this plan stays to be
   * put back.
   */
  exhume(
    of: Pick<Tombstone, 'repository' | 'digest' | 'planId'>,
    tag: string | null,
  ): Promise<void>;
  /** The newest buried one; null when there is none, or its blobs are reclaimed. */
  find(repository: string, digest: Digest): Promise<Tombstone | null>;
  /** Newest first. */
  list(filter: {
    readonly repository?: string;
    readonly state?: TombstoneState;
    readonly limit: number;
  }): Promise<readonly RecordedTombstone[]>;
  markRestored(repository: string, digest: Digest, by: string, at: string): Promise<void>;
  /** After a reclaim that began at `before`: those buried until then can no longer be put back, their bytes go. Returns how many. */
  markReclaimed(before: string, by: string, at: string): Promise<number>;
}
