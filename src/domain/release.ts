import type { Actor } from './actor';
import type { CommitAuthors } from './authors';
import type { Digest } from './digest';
import type { ChannelName } from './reference';
import type { Verdict } from './verdict';

/** In the order a release passes them. */
export const RELEASE_STAGES = [
  'queued',
  'build',
  'attest',
  'scan',
  'sign',
  'tag',
  'stg',
  'canary',
  'prod-candidate',
  'observation',
  'approval',
  'prod-stable',
  'compensation',
  'done',
] as const;
export type ReleaseStage = (typeof RELEASE_STAGES)[number];

export const RELEASE_OUTCOMES = [
  'released',
  /** A gate said no. */
  'rejected',
  'aborted',
  /** A rollback took the lane. */
  'preempted',
  'superseded',
  /** A rebuild that has the very content of what is stable already. */
  'unchanged',
  /** Something could not be done in time: a dependency, a time-out, a bug. */
  'failed',
] as const;
export type ReleaseOutcome = (typeof RELEASE_OUTCOMES)[number];

/** Where the image comes from: built here, or pushed by CI and adopted. */
export type ReleaseOrigin =
  | { readonly kind: 'source'; readonly path: string }
  | { readonly kind: 'digest'; readonly digest: Digest };

export interface ReleaseStep {
  readonly stage: ReleaseStage;
  /** What people read, e.g. `canary 25 %`. */
  readonly title: string;
  readonly state: 'running' | 'done' | 'failed' | 'compensated' | 'compensation-failed';
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly note?: string;
}

export interface ReleaseApproval {
  readonly actor: string;
  readonly at: string;
  readonly via: 'api' | 'signal';
  /** What the approver said to it. */
  readonly comment?: string;
}

/** What `status`, the query and the ledger all show. Times are ISO 8601 in UTC. */
export interface ReleaseStatus {
  /** `{svc}/{semver}_{gitsha}`. */
  readonly releaseId: string;
  readonly svc: string;
  readonly repository: string;
  readonly version: string;
  readonly revision: string;
  readonly origin: ReleaseOrigin;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly digest?: Digest;
  readonly stage: ReleaseStage;
  readonly outcome?: ReleaseOutcome;
  /** Why it ended as it did, or what it waits for. */
  readonly reason?: string;
  readonly steps: readonly ReleaseStep[];
  readonly verdicts: readonly Verdict[];
  readonly approvals: readonly ReleaseApproval[];
  /** Who wrote the commit, once it is read; only where approval is asked for. */
  readonly authors?: CommitAuthors;
  readonly policyHash: string;
  readonly endedAt?: string;
  /** Given once, when the digest is pinned: the id of the revert key. The key itself is shown by the API to operators. */
  readonly revertKeyId?: string;
  readonly workflowId: string;
}

/** A channel's pointer as the ledger knows it. `epoch` fences writers of the service (design, decision 17). */
export interface ChannelState {
  readonly channel: ChannelName;
  readonly digest: Digest | null;
  readonly epoch: number;
  readonly releaseId?: string;
  readonly changedAt: string;
  readonly changedBy: string;
}

export interface AbortRequest {
  readonly actor: Actor;
  readonly reason: string;
}
