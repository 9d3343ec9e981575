import type { DrillReport } from '../domain/drill/report';
import type { Policy } from '../domain/policy';

/** How the pre-flight looks at rollback targets; set by whoever makes the Schedule. */
export interface PreflightSettings {
  /** How often the Schedule starts a run. */
  readonly everyMs: number;
  /** How long the lease of a target lasts after each run. */
  readonly leaseMs: number;
  readonly transparencyLog: 'required' | 'off';
  /** A scan verdict older than this says nothing of today's vulnerabilities. */
  readonly verdictMaxAgeMs: number;
}

/** Result of rollbackPreflightWorkflow; what it found of each service is in the ledger. */
export interface PreflightRun {
  readonly startedAt: string;
  readonly complete: number;
  readonly incomplete: number;
  /** Without an earlier stable digest. */
  readonly noTarget: number;
  /** Could not be looked at. */
  readonly errors: number;
  /** The first few, one sentence each. */
  readonly notes: readonly string[];
}

/** Argument of rollbackPreflightWorkflow. `state` is set by continue-as-new only. */
export interface PreflightInput {
  readonly settings: PreflightSettings;
  readonly state?: { readonly after: string | null; readonly run: PreflightRun };
}

export interface DrillSettings {
  /** How often the Schedule starts a drill. */
  readonly everyMs: number;
  /** Back and forward again so many times. */
  readonly rounds: number;
  /** The 95th percentile may not take longer. */
  readonly targetMs: number;
  readonly verdictMaxAgeMs: number;
}

/** Argument of rollbackDrillWorkflow. */
export interface DrillInput {
  readonly settings: DrillSettings;
  /** What the rollbacks go by. */
  readonly policy: Policy;
}

/** Result of rollbackDrillWorkflow: one a service that is marked, or one that says that none is. */
export interface DrillRunResult {
  readonly reports: readonly Pick<DrillReport, 'id' | 'svc' | 'outcome' | 'reasons'>[];
}
