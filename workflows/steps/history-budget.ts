import { condition, workflowInfo } from '@temporalio/workflow';
import { SYSTEM_ACTOR } from '../../src/domain/actor';
import { isHistoryFull } from '../../src/domain/history-budget';
import { endRelease, type ReleaseRun } from './release-run';

/**
 * Ends the release while its history still has room to take everything back. Whatever fills it: a window held for weeks, stray
 * signals, waits before a frozen edge. It adds nothing to the history itself.
 */
export function limitHistory(run: ReleaseRun): void {
  void run.scope
    .run(() => condition(() => isHistoryFull(workflowInfo())))
    .then(() => {
      const { historyLength } = workflowInfo();
      const reason = `it has waited for too long to be kept by Temporal (${historyLength} events); release again`;
      endRelease(run, { actor: SYSTEM_ACTOR, reason, outcome: 'failed' });
    })
    .catch(() => undefined);
}
