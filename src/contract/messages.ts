import type { Actor } from '../domain/actor';
import type { Digest } from '../domain/digest';
import type { Plan } from '../domain/plan';
import type { Policy } from '../domain/policy';
import type { RepairPlan } from '../domain/registry/drift';
import type { ReleaseOrigin, ReleaseOutcome } from '../domain/release';
import type { KeptImage, RescanRules } from '../domain/rescan';
import type { Service } from '../domain/service';
import type { LaneState } from '../domain/lane';
import type { ErrorCode } from './errors';
import type { ReleaseId } from './ids';

/** What a release needs; everything that could change later (policy, service) travels with it. */
export interface ReleaseRequest {
  readonly releaseId: ReleaseId;
  readonly service: Service;
  readonly version: string;
  readonly revision: string;
  /** RFC 3339, for `org.opencontainers.image.created`. */
  readonly requestedAt: string;
  readonly origin: ReleaseOrigin;
  /** Of a build: who wrote the commit, as whoever asks for it says; may not approve. */
  readonly author?: string;
  readonly requestedBy: Actor;
  readonly policy: Policy;
  /** `sha256:` of the canonical policy JSON; stands in each verdict. */
  readonly policyHash: string;
  /** How it is tried out and judged; a request of 0.2 or before has none and goes by the policy alone. */
  readonly plan?: Plan;
  /** `sha256:` of the canonical JSON of `plan`; stands in the evidence of each window. */
  readonly planHash?: string;
  /** It builds again what is stable, on newer bases. */
  readonly rebuild?: RebuildOf;
}

/** What a rebuild renews; whatever else becomes stable meanwhile wins. */
export interface RebuildOf {
  /** prod:stable when it was asked for. */
  readonly digest: Digest;
  /** The workflow that is told of its end. */
  readonly rollup: string;
}

/** Input of releaseWorkflow. `epoch` is given by the lane and fences every write (design, decision 17). */
export interface ReleaseInput extends ReleaseRequest {
  readonly epoch: number;
}

export interface ReleaseResult {
  readonly releaseId: ReleaseId;
  readonly outcome: ReleaseOutcome;
  readonly reason: string;
  readonly digest?: Digest;
}

/** Argument of the update `submitRelease` on lane/{svc}. */
export type SubmitReleaseInput = ReleaseRequest;

export interface SubmitReleaseResult {
  /** 1 = running now. */
  readonly place: number;
  readonly superseded: readonly ReleaseId[];
}

export type RollbackTarget =
  | { readonly kind: 'previous' }
  /** `from`: only while that is prod:stable. */
  | { readonly kind: 'digest'; readonly digest: Digest; readonly from?: Digest }
  | { readonly kind: 'revert-key'; readonly keyId: string };

export interface RollbackInput {
  readonly svc: string;
  readonly service: Service;
  readonly number: number;
  readonly target: RollbackTarget;
  readonly actor: Actor;
  readonly reason: string;
  /** RFC 3339; `rollback_time` counts from here. */
  readonly requestedAt: string;
  readonly policy: Policy;
  /** Asked for by a drill: nothing is wrong, so nobody is alarmed. */
  readonly drill?: true;
  /** The release the lane runs now: ended as preempted once the rollback holds the epoch. */
  readonly running?: ReleaseId;
}

/** Argument of the update `requestRollback` on lane/{svc}; the lane gives the number. */
export interface RequestRollbackInput {
  readonly service: Service;
  readonly target: RollbackTarget;
  readonly actor: Actor;
  readonly reason: string;
  readonly requestedAt: string;
  readonly policy: Policy;
  readonly drill?: true;
  /** Repeated request, same rollback. */
  readonly requestId: string;
}

/** The rollback was started; its RollbackResult is the result of workflow `workflowId`. */
export interface RequestRollbackResult {
  readonly workflowId: string;
  readonly number: number;
}

export interface RollbackResult {
  readonly svc: string;
  readonly from: Digest;
  readonly to: Digest;
  readonly reason: string;
  /** From request to channel re-read and traffic moved. */
  readonly durationMs: number;
  readonly preempted: ReleaseId | null;
  readonly held: boolean;
}

export interface HoldRequest {
  readonly actor: Actor;
  readonly reason: string;
}

/** Argument of the update `abortQueued` on lane/{svc}; a running release is aborted by its own update `abort`. */
export interface AbortQueuedInput extends DecisionInput {
  readonly releaseId: ReleaseId;
}

export interface LaneEntry {
  readonly releaseId: ReleaseId;
  readonly requestedBy: string;
  readonly requestedAt: string;
}

export interface LaneStatus {
  readonly svc: string;
  readonly epoch: number;
  readonly running: LaneEntry | null;
  readonly queued: readonly LaneEntry[];
  /** Why the lane starts nothing; null when it is open. */
  readonly hold: { readonly by: string; readonly reason: string; readonly at: string } | null;
  readonly rollbackRunning: boolean;
}

/** Approve and abort by Update. Whoever reaches Temporal could send one, so the token says who decides. */
export interface DecisionInput {
  /** For the early answer of the validator alone. */
  readonly actor: Actor;
  readonly reason: string;
  /** Minted by the API for this decision; an activity verifies it. */
  readonly token: string;
}

/** Approve and abort by Signal from the Web UI: an activity verifies the single-use token. */
export interface DecisionSignal {
  readonly token: string;
  readonly reason?: string;
}

export type DecisionResult =
  | { readonly accepted: true; readonly message: string }
  | { readonly accepted: false; readonly code: ErrorCode; readonly message: string };

/** Signal `releaseEnded` from a release to its lane. */
export interface ReleaseEnded {
  readonly releaseId: ReleaseId;
  readonly outcome: ReleaseOutcome;
}

/** A rollback that got through. */
export interface MovedBack {
  readonly from: Digest;
  readonly to: Digest;
  /** RFC 3339. */
  readonly at: string;
  /** The bad digest is on record. */
  readonly remembered: boolean;
}

/** Input of settleRollbackWorkflow: what a rollback leaves to do once its answer is known. */
export interface SettleRollbackInput {
  readonly rollback: RollbackInput;
  readonly epoch: number;
  /** Null when it failed after it had fenced the release that ran. */
  readonly moved: MovedBack | null;
  /** Prod's traffic is where it belongs, whatever the channel says. */
  readonly trafficMoved: boolean;
}

/** Signal `rollbackEnded` from a rollback to its lane. `ok` false: it was refused, or could not be done. */
export interface RollbackEnded {
  readonly number: number;
  readonly ok: boolean;
  readonly held: boolean;
  readonly reason: string;
}

/** Signal `preempt` to a running release: a rollback owns the service from now on. */
export interface Preempt {
  readonly by: string;
  readonly reason: string;
}

/** How the registry is reconciled; set by whoever makes the Schedule (src/config/worker.ts). */
export interface ReconcileSettings {
  /** How often the Schedule starts a run. */
  readonly everyMs: number;
  /** Between the first look and the second: what was only under way is over by then. */
  readonly confirmAfterMs: number;
  /** A push that has not told its end for so long is settled by what the registry holds. */
  readonly pendingAfterMs: number;
  /** Manifests without a tag are looked at in turn, one share of so many a run. */
  readonly manifestShares: number;
  /** Tags and manifests that a run believes to be gone; more, and it notes none of them and alarms. */
  readonly maxForgotten: number;
}

export interface ReconcileCounts {
  readonly repositories: number;
  readonly tags: number;
  readonly manifests: number;
  /** Pushes that had never told their end. */
  readonly settled: number;
  /** Differences that two looks agreed on. */
  readonly drift: number;
  readonly repaired: number;
  /** Tags that were pushed to the registry itself. */
  readonly around: number;
  readonly alarmed: number;
  /** Gone from the registry in numbers that are not believed. */
  readonly withheld: number;
  /** Repositories, tags or pushes that could not be looked at. */
  readonly errors: number;
}

/** incomplete: something could not be looked at, or the run could not go on. */
export type ReconcileOutcome = 'clean' | 'drift' | 'incomplete';

/** Result of reconcileRegistryWorkflow, and what its query `getReconcile` shows meanwhile. */
export interface ReconcileReport {
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Null while it runs. */
  readonly outcome: ReconcileOutcome | null;
  readonly counts: ReconcileCounts;
  /** The last repository that was looked at. */
  readonly at: string | null;
  /** The first few of each, one sentence. */
  readonly found: readonly string[];
  readonly errors: readonly string[];
}

/** Where a walk goes on. Repositories on record come first, then those that only the registry knows. */
export interface WalkCursor {
  readonly phase: 'recorded' | 'unrecorded';
  /** The last repository that is done, or, with `tag`, the one under way. */
  readonly after: string | null;
  readonly tag: string | null;
}

/** What a run carries over continue-as-new. */
export interface ReconcileState {
  readonly cursor: WalkCursor;
  readonly report: ReconcileReport;
  /** The first few tags that were pushed around the gateway. */
  readonly around: readonly string[];
  /** What seems to be gone: noted at the end, unless there are more than `maxForgotten`. */
  readonly gone: readonly RepairPlan[];
  readonly goneCount: number;
}

/** Argument of reconcileRegistryWorkflow. `state` is set by continue-as-new only. */
export interface ReconcileInput {
  readonly settings: ReconcileSettings;
  readonly state?: ReconcileState;
}

/** What the API shows of a Schedule and its runs. */
export interface ScheduleOverview<Report> {
  /** Null when no worker has made it yet. */
  readonly schedule: {
    readonly paused: boolean;
    readonly note: string | null;
    readonly nextAt: string | null;
  } | null;
  readonly running: { readonly workflowId: string; readonly report: Report | null } | null;
  /** The run that ended last; without a report when it was stopped or failed. */
  readonly last: { readonly workflowId: string; readonly report: Report | null } | null;
}

/** How what is kept is scanned again; the rules are those of the policy when the run was ordered. */
export interface RescanSettings extends RescanRules {
  /** A verdict that is older is made again, also with the same database. */
  readonly maxAgeMs: number;
  /** Images that one activity looks at. */
  readonly sliceSize: number;
  /** Scans at a time; each takes a core. */
  readonly parallel: number;
}

/** Of one service, or one digest of it, whether due or not. */
export interface RescanTarget {
  readonly svc: string;
  readonly digest: Digest | null;
}

export interface RescanCounts {
  /** Digests of services that were looked at. */
  readonly looked: number;
  readonly scanned: number;
  /** Of these, found bad. */
  readonly bad: number;
  readonly alarmed: number;
  /** Could not be scanned. */
  readonly errors: number;
}

/** incomplete: something could not be scanned, or the run could not go on. */
export type RescanOutcome = 'clean' | 'bad' | 'incomplete';

/** Result of rescanWorkflow, and what its query `getRescan` shows meanwhile. */
export interface RescanReport {
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Null while it runs. */
  readonly outcome: RescanOutcome | null;
  /** When the advisories were collected that were last scanned with, RFC 3339. */
  readonly databaseAt: string | null;
  readonly counts: RescanCounts;
  /** The first few of each, one sentence. */
  readonly found: readonly string[];
  readonly errors: readonly string[];
}

/** What a run carries over continue-as-new. */
export interface RescanState {
  readonly report: RescanReport;
  /** Kept for no other reason than that they run. */
  readonly running: readonly KeptImage[];
  /** The last image that was looked at; null before the first. */
  readonly after: (KeptImage & { readonly scannedAt: string | null; readonly rest?: true }) | null;
}

/** Argument of rescanWorkflow. Without a target: all that is kept and due. `state` is set by continue-as-new only. */
export interface RescanInput {
  readonly settings: RescanSettings;
  readonly target?: RescanTarget;
  readonly state?: RescanState;
}

/** Argument of laneWorkflow. `state` is set by continue-as-new only. */
export interface LaneInput {
  readonly svc: string;
  readonly state?: LaneState<ReleaseRequest>;
}

/** Wire names: string literals, never derived. */
export const MESSAGES = {
  approve: 'approve',
  abort: 'abort',
  preempt: 'preempt',
  getStatus: 'getStatus',
  submitRelease: 'submitRelease',
  requestRollback: 'requestRollback',
  abortQueued: 'abortQueued',
  holdLane: 'holdLane',
  resumeLane: 'resumeLane',
  releaseEnded: 'releaseEnded',
  rollbackEnded: 'rollbackEnded',
  getLane: 'getLane',
  getReconcile: 'getReconcile',
  getCheck: 'getCheck',
  getRescan: 'getRescan',
  getAdvisoryWatch: 'getAdvisoryWatch',
  getExceptionExpiry: 'getExceptionExpiry',
} as const;

export const WORKFLOWS = {
  release: 'releaseWorkflow',
  lane: 'laneWorkflow',
  rollback: 'rollbackWorkflow',
  settleRollback: 'settleRollbackWorkflow',
  reconcileRegistry: 'reconcileRegistryWorkflow',
  rollbackPreflight: 'rollbackPreflightWorkflow',
  rollbackDrill: 'rollbackDrillWorkflow',
  continuousCheck: 'continuousCheckWorkflow',
  rescan: 'rescanWorkflow',
  quarantineAlert: 'quarantineAlertWorkflow',
  wormExtend: 'wormExtendWorkflow',
  wormHold: 'wormHoldWorkflow',
  wormRestore: 'wormRestoreWorkflow',
  wormVerify: 'wormVerifyWorkflow',
  accountStorage: 'accountStorageWorkflow',
  advisoryWatch: 'advisoryWatchWorkflow',
  exceptionExpiry: 'exceptionExpiryWorkflow',
} as const;
