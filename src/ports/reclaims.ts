import type { ImageRef } from '../domain/reference';

export type ReclaimState = 'running' | 'done' | 'failed';

export interface RecordedReclaim {
  /** Of the workflow's run. */
  readonly id: string;
  readonly state: ReclaimState;
  /** By the items that plans deleted since the last reclaim that was done. */
  readonly plannedBytes: number;
  readonly beforeBytes: number | null;
  readonly afterBytes: number | null;
  readonly blobs: number | null;
  /** RFC 3339, when pushes were closed and open again. */
  readonly closedAt: string | null;
  readonly openedAt: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly reason: string | null;
  /** Manifests that hold leased blobs and are still in the registry. */
  readonly leaseManifests: readonly ImageRef[];
}

type Told = Pick<
  RecordedReclaim,
  | 'state'
  | 'beforeBytes'
  | 'afterBytes'
  | 'blobs'
  | 'closedAt'
  | 'openedAt'
  | 'endedAt'
  | 'reason'
  | 'leaseManifests'
>;

/** Every method throws ReleaseError LEDGER_UNAVAILABLE when it could not find out. */
export interface Reclaims {
  /** Idempotent by id. */
  begin(id: string, at: string): Promise<RecordedReclaim>;
  tell(id: string, told: Partial<Told>): Promise<void>;
  /** Newest first. */
  list(limit: number): Promise<readonly RecordedReclaim[]>;
}
