import type { Digest } from '../domain/digest';
import type { RetentionPolicy } from '../domain/gc/retention';

/** How plans are executed; set by whoever starts the run (src/config/worker.ts has the defaults). */
export interface GcRunSettings {
  /** Items that one activity deletes. */
  readonly sliceSize: number;
  /** Deletes a second, at most. */
  readonly requestsPerSecond: number;
  /** Subtracted from the plan's time: what a gateway writes down late (reads, looks of pushers) still counts. */
  readonly slackMs: number;
  /** How long a registry or a database that is away is waited for, before the run is stopped. */
  readonly patienceMs: number;
}

export const GC_RUN_SETTINGS: GcRunSettings = {
  sliceSize: 200,
  requestsPerSecond: 25,
  slackMs: 600_000,
  patienceMs: 3_600_000,
};

export interface GcRunCounts {
  readonly deleted: number;
  readonly skipped: number;
  readonly failed: number;
  /** Of the deleted ones, by the plan. */
  readonly bytes: number;
}

/**
 * done: every item has its outcome. stopped: cancelled, or what is needed stayed away; what was done is whole, the rest was not
 * touched. refused: the plan may not run.
 */
export type GcRunOutcome = 'done' | 'stopped' | 'refused';

/** Result of gcRunWorkflow, and what its query `getGcRun` shows meanwhile. */
export interface GcRunReport {
  readonly planId: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Null while it runs. */
  readonly outcome: GcRunOutcome | null;
  /** Why it is paused, was stopped or refused. */
  readonly reason: string | null;
  readonly paused: boolean;
  readonly counts: GcRunCounts;
  /** Items of the plan. */
  readonly items: number;
  /** Ordinal of the next item. */
  readonly next: number;
  /** How often each reason kept an item. */
  readonly skips: Readonly<Record<string, number>>;
  /** The first few items that failed, one sentence each. */
  readonly errors: readonly string[];
  /** What becomes of the disk by itself, a sentence; absent where nothing does. */
  readonly reclaim?: string;
}

/** Argument of gcRunWorkflow. `state` is set by continue-as-new only. */
export interface GcRunInput {
  readonly planId: string;
  readonly requestedBy: string;
  readonly settings: GcRunSettings;
  /** Once it has deleted something, disk is taken back `afterMs` later; absent: by a person alone. */
  readonly reclaim?: { readonly afterMs: number; readonly settings: ReclaimSettings };
  /** People are told when it did not do all of its plan: nobody waits for its end. */
  readonly alert?: boolean;
  readonly state?: GcRunReport;
}

/** Argument of pauseGc, resumeGc and cancelGc, as Update and as Signal. */
export interface GcRunOrder {
  readonly by: string;
  readonly reason: string;
}

/** Argument of gcRestoreWorkflow. */
export interface GcRestoreInput {
  readonly repository: string;
  readonly digest: Digest;
  readonly requestedBy: string;
}

export interface GcRestoreResult {
  readonly repository: string;
  /** Put back, children before their index; the one that was asked for among them. */
  readonly restored: readonly string[];
  readonly tags: readonly string[];
  /** Tags that point at something else by now. */
  readonly tagsTaken: readonly string[];
}

/** How disk is taken back; durations in ms. */
export interface ReclaimSettings {
  /** From closing on, uploads that have begun may end, at least so long; twice that at most. */
  readonly drainMs: number;
  /** From sealing on: until every gateway has heard of it, and what it had begun before has ended. */
  readonly settleMs: number;
  /** The collector is killed after that. */
  readonly collectorMs: number;
  /** What pushers were told to be there within so long is not taken. */
  readonly leaseMs: number;
}

export const RECLAIM_SETTINGS: ReclaimSettings = {
  drainMs: 60_000,
  // 15 s until a gateway that hears nothing stops by itself, 30 s for the longest delete that it had begun.
  settleMs: 50_000,
  collectorMs: 3_600_000,
  leaseMs: 86_400_000,
};

/** done: disk was taken back and measured. not-drained, closed-by-another: not tried. failed: why says it; pushes are open. */
export type ReclaimOutcome = 'done' | 'not-drained' | 'closed-by-another' | 'failed';

/** Result of gcReclaimWorkflow. */
export interface ReclaimReport {
  readonly outcome: ReclaimOutcome;
  readonly reason: string | null;
  readonly startedAt: string;
  readonly endedAt: string;
  /** By the plans executed since the last reclaim. */
  readonly plannedBytes: number;
  readonly beforeBytes: number | null;
  readonly afterBytes: number | null;
  readonly leasedBlobs: number;
  /** Tombstones that can no longer be put back. */
  readonly reclaimedTombstones: number;
}

/** Argument of gcReclaimWorkflow. */
export interface ReclaimInput {
  readonly settings: ReclaimSettings;
  readonly requestedBy: string;
  /** People are told when it takes back nothing: nobody waits for its answer. */
  readonly alert?: boolean;
}

/** What a run is started with under this policy. */
export function gcRunInput(
  planId: string,
  requestedBy: string,
  { reclaim, undeleteMs }: Pick<RetentionPolicy, 'reclaim' | 'undeleteMs'>,
): GcRunInput {
  return {
    ...{ planId, requestedBy, settings: GC_RUN_SETTINGS },
    ...(reclaim === 'after-run' && {
      reclaim: { afterMs: undeleteMs, settings: RECLAIM_SETTINGS },
    }),
  };
}

/** Wire names. */
export const GC_RUN_MESSAGES = {
  pause: 'pauseGc',
  resume: 'resumeGc',
  cancel: 'cancelGc',
  get: 'getGcRun',
} as const;

export const GC_RUN_WORKFLOWS = {
  run: 'gcRunWorkflow',
  restore: 'gcRestoreWorkflow',
  reclaim: 'gcReclaimWorkflow',
} as const;
