import type { Digest } from '../digest';
import type { ReleaseOutcome, ReleaseStage } from '../release';
import type { RollupItemState } from '../rollup';
import type { RollupTask } from './report';

/** What the ledger knows of a rebuild and its service. */
export interface RebuildSight {
  readonly svc: string;
  readonly releaseId: string;
  /** Null until its release has written anything. */
  readonly stage: ReleaseStage | null;
  readonly outcome: ReleaseOutcome | null;
  readonly reason: string | null;
  /** What was built. */
  readonly digest: Digest | null;
  /** prod:stable now. */
  readonly stable: Digest | null;
  /** Why `digest` is remembered as bad; null when it is not. */
  readonly bad: string | null;
}

interface Settled {
  readonly state: RollupItemState;
  readonly reason: string;
}

const BUILD_STAGES: ReadonlySet<ReleaseStage> = new Set(['queued', 'build', 'attest', 'scan']);

/** What becomes of a task by what was seen of its rebuild; `waiting` when another release got in between, and it is tried again. */
export function settle(task: RollupTask, sight: RebuildSight, maxAttempts: number): Settled {
  if (task.state === 'released') return afterwards(task, sight);
  const { outcome, stage } = sight;
  if (outcome === null) {
    const building = stage === null || BUILD_STAGES.has(stage);
    return { state: building ? 'building' : 'promoting', reason: sight.reason ?? '' };
  }
  const reason = sight.reason ?? outcome;
  switch (outcome) {
    case 'released':
      return afterwards({ ...task, rebuilt: sight.digest, reason: '' }, sight);
    case 'unchanged':
      return { state: 'unchanged', reason };
    case 'superseded':
      return task.attempt < maxAttempts
        ? { state: 'waiting', reason }
        : { state: 'held', reason: `${task.attempt} times another release got in between` };
    case 'aborted':
    case 'failed':
    case 'preempted':
    case 'rejected':
      return { state: 'failed', reason: `${outcome}: ${reason}` };
  }
}

/** What was released may be taken back later: by the check of what runs, or by a person. */
function afterwards(task: RollupTask, { stable, bad }: RebuildSight): Settled {
  if (bad !== null) return { state: 'failed', reason: `taken back after its release: ${bad}` };
  if (task.rebuilt !== null && stable === task.digest && stable !== task.rebuilt) {
    return {
      state: 'failed',
      reason: `taken back after its release: ${task.digest} is stable again`,
    };
  }
  return { state: 'released', reason: task.reason };
}
