import type { CheckFinding } from '../domain/continuous-check/finding';
import type { CheckPolicy } from '../domain/continuous-check/policy';

/** Set by whoever makes the Schedule (src/config/worker.ts). */
export interface CheckSettings {
  /** How often the Schedule starts a run. */
  readonly everyMs: number;
  /** Between the first look and the second: what was only under way is over by then. */
  readonly confirmAfterMs: number;
  readonly policy: CheckPolicy;
}

export interface CheckCounts {
  readonly services: number;
  readonly digests: number;
  /** Services where something is not well. */
  readonly failing: number;
  /** Services of which too little could be found out. */
  readonly unchecked: number;
  /** Digests put under quarantine. */
  readonly blocked: number;
  readonly rolledBack: number;
  readonly alarmed: number;
  /** What the run itself could not do. */
  readonly errors: number;
}

/** incomplete: the run could not go on, or not do what it decided. */
export type CheckOutcomeOfRun = 'clean' | 'failing' | 'incomplete';

/** Result of continuousCheckWorkflow, and what its query `getCheck` shows meanwhile. */
export interface CheckReport {
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Null while it runs. */
  readonly outcome: CheckOutcomeOfRun | null;
  readonly counts: CheckCounts;
  /** The last service that was looked at. */
  readonly at: string | null;
  /** The first few of each, one sentence. */
  readonly found: readonly string[];
  readonly errors: readonly string[];
}

/** One look at a service that is not well. */
export interface ServiceLook {
  readonly svc: string;
  readonly digests: number;
  readonly findings: readonly CheckFinding[];
}

/** What became of a check that was put on record. */
export interface CheckRecord {
  /** Runs in a row that said the same. */
  readonly runs: number;
  /** It is the first of its day (UTC) of the service. */
  readonly isNewDay: boolean;
  /** What was decided is said in other words than the last time. */
  readonly isNewNote: boolean;
}

/** What a run carries over continue-as-new. */
export interface CheckState {
  /** The last service that was looked at. */
  readonly after: string | null;
  readonly report: CheckReport;
  /** First looks that found something. */
  readonly troubled: readonly ServiceLook[];
}

/** Argument of continuousCheckWorkflow. `state` is set by continue-as-new only. */
export interface CheckInput {
  readonly settings: CheckSettings;
  readonly state?: CheckState;
}
