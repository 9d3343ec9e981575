import {
  CancellationScope,
  proxyActivities,
  uuid4,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { Activities } from '../../activities';
import { releaseWorkflowId } from '../../src/contract/ids';
import type { LaneStatus, ReleaseRequest } from '../../src/contract/messages';
import type { LaneState } from '../../src/domain/lane';
import type { ReleaseOutcome } from '../../src/domain/release';
import { finishStatus, newStatus } from '../../src/domain/release-status';

export interface LaneRun {
  /** Replaced, never changed in place. */
  state: LaneState<ReleaseRequest>;
  /** Counts the replacements: the main loop waits for it. */
  changes: number;
  readonly activities: ActivityInterfaceFor<Activities>;
  /** Saves of statuses, one after the other: a release must not be overtaken by its own `queued`. */
  saves: Promise<void>;
  /** Releases whose end this run sees by itself: it is later than their signal, and nobody can forge it. */
  readonly watched: Set<string>;
  /** Names the statuses this lane writes, apart from those of the releases themselves. */
  readonly savedAs: Map<string, string>;
}

export function createLaneRun(state: LaneState<ReleaseRequest>): LaneRun {
  return {
    state,
    changes: 0,
    // The ledger may be down for long; the lane is of no use without it, so it waits.
    activities: proxyActivities<Activities>({
      startToCloseTimeout: 15_000,
      retry: { initialInterval: 200, backoffCoefficient: 2, maximumInterval: 5_000 },
    }),
    saves: Promise.resolve(),
    watched: new Set(),
    savedAs: new Map(),
  };
}

export function change(lane: LaneRun, state: LaneState<ReleaseRequest>): void {
  lane.state = state;
  lane.changes += 1;
}

export function toLaneStatus(state: LaneState<ReleaseRequest>): LaneStatus {
  return {
    svc: state.svc,
    epoch: state.epoch,
    running: state.running,
    queued: state.queue.map(({ releaseId, requestedBy, requestedAt }) => ({
      releaseId,
      requestedBy: requestedBy.subject,
      requestedAt,
    })),
    hold: state.hold,
    rollbackRunning: state.rollback !== null,
  };
}

/** Markdown for Temporal Web UI. */
export function describeLane(state: LaneState<ReleaseRequest>): string {
  const { running, queue, hold, rollback } = state;
  return [
    `### Lane of ${state.svc}`,
    hold ? `**Held** by ${hold.by} since ${hold.at}: ${hold.reason}` : 'Open',
    rollback === null ? '' : 'A rollback is under way',
    running ? `Runs \`${running.releaseId}\` for ${running.requestedBy}` : 'Nothing runs',
    ...queue.slice(0, 20).map((queued, index) => `${index + 1}. \`${queued.releaseId}\``),
  ]
    .filter((line) => line !== '')
    .join('\n\n');
}

/** Beside everything else, in order: people see a release that waits, and how it left the queue. */
export function saveWaiting(lane: LaneRun, request: ReleaseRequest): void {
  save(lane, request, null);
}

export function saveDropped(
  lane: LaneRun,
  request: ReleaseRequest,
  outcome: Extract<ReleaseOutcome, 'superseded' | 'aborted'>,
  reason: string,
): void {
  save(lane, request, { outcome, reason });
}

function save(
  lane: LaneRun,
  request: ReleaseRequest,
  end: { outcome: ReleaseOutcome; reason: string } | null,
): void {
  const waiting = newStatus(request, releaseWorkflowId(request.releaseId));
  const now = new Date().toISOString();
  const status = end ? finishStatus(waiting, end.outcome, end.reason, now) : waiting;
  const runId = lane.savedAs.get(request.releaseId) ?? `queued-${uuid4()}`;
  if (end) lane.savedAs.delete(request.releaseId);
  else lane.savedAs.set(request.releaseId, runId);
  lane.saves = lane.saves
    .then(() =>
      CancellationScope.nonCancellable(() =>
        lane.activities.saveStatus.executeWithOptions(
          { summary: `status: ${request.releaseId} ${end?.outcome ?? 'queued'}` },
          [{ status, runId, sequence: end ? 2 : 1 }],
        ),
      ),
    )
    .catch(() => undefined);
}
