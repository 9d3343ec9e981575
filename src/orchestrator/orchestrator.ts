import type { CheckReport } from '../contract/continuous-check';
import type { ExceptionExpiryReport } from '../contract/exception-messages';
import type {
  DecisionInput,
  DecisionResult,
  HoldRequest,
  LaneStatus,
  ReconcileReport,
  ReleaseRequest,
  RequestRollbackInput,
  RollbackResult,
  SubmitReleaseResult,
} from '../contract/messages';
import type { ReleaseId } from '../contract/ids';
import type { ReleaseStatus } from '../domain/release';
import type { DatabaseMirrorReport } from '../contract/database-messages';
import type { AdvisoryAnswers } from './advisory-cases';
import type { BaseImports } from './base-imports';
import type { GcRuns } from './gc-runs';
import type { GcCalls } from './gc-calls';
import type { ScheduledRuns } from './scheduled-runs';
import type { Rescanning } from './rescans';
import type { RollupRuns } from './rollups';
import type { AlertQuarantine } from './quarantine-alerts';
import type { WormRuns } from './worm-runs';

/** The lane gives the number and the orchestrator the request id. */
type RollbackOrder = Omit<RequestRollbackInput, 'requestId'>;

/**
 * Thin typed client of the workflows. Every call ends within a deadline and throws ReleaseError:
 * ORCHESTRATOR_UNAVAILABLE when Temporal or a worker did not answer, RELEASE_NOT_FOUND, ALREADY_ENDED,
 * or the code a workflow refused with. `requestId` makes a repeated call the same call.
 */
export interface Orchestrator {
  submitRelease(request: ReleaseRequest, requestId: string): Promise<SubmitReleaseResult>;
  /** Waits for the rollback's end; TIMED_OUT when it is still under way after the deadline. */
  rollBack(order: RollbackOrder, requestId: string): Promise<RollbackResult>;
  /** The end of a rollback that was asked for with this request id before; null when there was none. */
  findRollback(svc: string, requestId: string): Promise<RollbackResult | null>;
  approve(id: ReleaseId, decision: DecisionInput, requestId: string): Promise<DecisionResult>;
  /** Running releases and queued ones. */
  abort(id: ReleaseId, decision: DecisionInput, requestId: string): Promise<DecisionResult>;
  holdLane(svc: string, hold: HoldRequest, requestId: string): Promise<LaneStatus>;
  resumeLane(svc: string, hold: HoldRequest, requestId: string): Promise<LaneStatus>;
  /** A service that never had a lane has an empty one. */
  getLane(svc: string): Promise<LaneStatus>;
  /** From the running workflow; null when there is none. */
  getStatus(id: ReleaseId): Promise<ReleaseStatus | null>;
  /** The reconcile of the registry. */
  readonly reconcile: ScheduledRuns<ReconcileReport>;
  /** The check of what runs. */
  readonly checks: ScheduledRuns<CheckReport>;
  /** What judges again what ended exceptions let pass. */
  readonly exceptions: Pick<ScheduledRuns<ExceptionExpiryReport>, 'run' | 'overview'>;
  /** The rollback drill. */
  readonly drill: Pick<ScheduledRuns<never>, 'run' | 'state'>;
  readonly rescans: Rescanning;
  /** The mirror of the scanner's databases. */
  readonly databaseMirror: ScheduledRuns<DatabaseMirrorReport>;
  readonly advisories: AdvisoryAnswers;
  readonly rollups: RollupRuns;
  readonly gcRuns: GcRuns;
  /** Clean-up. */
  readonly gc: GcCalls;
  readonly worm: WormRuns;
  readonly baseImports: BaseImports;
  /** Orders the alert of a quarantine. */
  readonly alertQuarantine: AlertQuarantine;
  ping(): Promise<void>;
}

export function emptyLane(svc: string): LaneStatus {
  return { svc, epoch: 0, running: null, queued: [], hold: null, rollbackRunning: false };
}
