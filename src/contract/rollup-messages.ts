import type { RollupSettings } from '../domain/rollup/policy';
import type { RollupReport } from '../domain/rollup/report';
import type { RollupCause } from '../domain/rollup';
import type { ReleaseOutcome } from '../domain/release';

/** Argument of rollupWorkflow, whose result is a RollupReport. */
export interface RollupInput {
  /** Null: what follows `rollup/` in the id of the workflow, as for runs of the Schedule. */
  readonly id: string | null;
  readonly cause: RollupCause;
  /** These services alone; null: every one on an older base. */
  readonly only: readonly string[] | null;
  readonly settings: RollupSettings;
  /** Plan, import nothing and start nothing; the plan is not kept. */
  readonly dryRun?: true;
  /** Set by continue-as-new only. */
  readonly state?: RollupReport;
}

/** Argument of pauseRollup, resumeRollup and cancelRollup, as Update and as Signal. */
export interface RollupOrder {
  readonly by: string;
  readonly reason: string;
}

/** Signal `rebuildEnded` from a release to its rollup. */
export interface RebuildEnded {
  readonly releaseId: string;
  readonly outcome: ReleaseOutcome;
}

/** Wire names. */
export const ROLLUP_MESSAGES = {
  pause: 'pauseRollup',
  resume: 'resumeRollup',
  cancel: 'cancelRollup',
  rebuildEnded: 'rebuildEnded',
  get: 'getReport',
} as const;

export const ROLLUP_WORKFLOW = 'rollupWorkflow';
