import { CancelledFailure, CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { ReleaseRef } from '../../activities/verdicts';
import type { ChannelDigests } from '../../activities/channel';
import type { ReleaseInput } from '../../src/contract/messages';
import type { CommitAuthors } from '../../src/domain/authors';
import type { AbortRequest, ReleaseOutcome } from '../../src/domain/release';
import { newStatus } from '../../src/domain/release-status';
import type { Digest } from '../../src/domain/digest';
import type { ChannelName } from '../../src/domain/reference';
import { createCompensations, type Compensations } from './compensations';
import { createProgress, type Progress } from './progress';
import { createProxies, type Proxies } from './proxies';

/** It ends before it is done: told to, or stopped by a step. */
export interface Ending extends AbortRequest {
  readonly outcome: ReleaseOutcome;
}

/** A decision somebody took, for the audit trail. */
export interface TakenDecision {
  readonly at: string;
  readonly actor: string;
  readonly action: 'approve' | 'abort';
  readonly reason: string;
  readonly via: 'api' | 'signal';
}

/** Everything a running release shares between its steps. */
export interface ReleaseRun {
  readonly input: ReleaseInput;
  readonly release: ReleaseRef;
  readonly proxies: Proxies;
  readonly progress: Progress;
  readonly compensations: Compensations;
  /** All work before the pin is complete; ending the release cancels it. */
  readonly scope: CancellationScope;
  readonly decisions: TakenDecision[];
  ending: Ending | null;
  /** From here on only a rollback undoes it. */
  pinned: boolean;
  /** Who wrote the commit; null until it is read. */
  authors: CommitAuthors | null;
  /** Time spent before frozen edges. */
  readonly frozen: FrozenTime;
  /** The channels as they were before this release moved any. */
  channels: ChannelDigests;
  /** The last move of each channel, under way or settled. */
  readonly moving: Map<ChannelName, Promise<string>>;
  /** Verdicts of what was not measured, on their way to the ledger; none of them rejects. */
  readonly recording: Promise<void>[];
}

/** ms; `sinceMs` while it waits before one, ms since the epoch. */
export interface FrozenTime {
  totalMs: number;
  sinceMs: number | null;
}

/** What runs in an environment, and which track serves the digest there. */
export interface Serving {
  readonly track: 'candidate' | 'stable';
  readonly previous: Digest | null;
  /** RFC 3339: before it was started for this release. */
  readonly since: string;
}

export function createReleaseRun(input: ReleaseInput): ReleaseRun {
  const proxies = createProxies(input.policy.timeouts);
  const progress = createProgress(newStatus(input, workflowInfo().workflowId), proxies);
  return {
    input,
    release: {
      releaseId: input.releaseId,
      svc: input.service.svc,
      policyHash: input.policyHash,
      ...(input.planHash !== undefined && { planHash: input.planHash }),
    },
    proxies,
    progress,
    compensations: createCompensations(progress, proxies, { byPlan: Boolean(input.plan) }),
    scope: new CancellationScope({ cancellable: true }),
    decisions: [],
    ending: null,
    pinned: false,
    authors: null,
    frozen: { totalMs: 0, sinceMs: null },
    channels: {},
    moving: new Map(),
    recording: [],
  };
}

/** The first who ends it wins; nobody ends it once it is pinned. */
export function endRelease(run: ReleaseRun, ending: Ending): void {
  if (run.ending || run.pinned) return;
  run.ending = ending;
  run.scope.cancel();
}

/** For the instants in which work came to its end just as it was cancelled. */
export function throwIfEnding(run: ReleaseRun): void {
  if (run.ending || run.scope.consideredCancelled) {
    throw new CancelledFailure(run.ending?.reason ?? 'cancelled');
  }
}
