import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { isCancellation, ParentClosePolicy, sleep, startChild } from '@temporalio/workflow';
import { GC_RUN_WORKFLOWS, type ReclaimInput } from '../../src/contract/gc-run-messages';
import { GC_RECLAIM_ID } from '../../src/contract/ids';
import { attempt } from './attempt';
import { change, type GcRun } from './gc-run-state';

/** Disk is taken back once what was deleted could be put back for long enough. Of a run that was stopped people have to think first. */
export async function reclaimAfter(run: GcRun): Promise<void> {
  const { input, state } = run;
  if (!input.reclaim || state.outcome !== 'done' || state.counts.deleted === 0) return;
  const { afterMs, settings } = input.reclaim;
  const at = new Date(Date.now() + afterMs).toISOString();
  change(run, { reclaim: `disk is taken back at ${at}; until then plura reg gc restore works` });
  const reclaim: ReclaimInput = { settings, requestedBy: input.requestedBy, alert: true };
  change(run, { reclaim: await startLater(afterMs, reclaim) });
}

/** What became of it. */
async function startLater(afterMs: number, input: ReclaimInput): Promise<string> {
  try {
    if (afterMs > 0) await sleep(afterMs);
    const started = await attempt(() => startReclaim(input));
    return started.stopped === null
      ? started.value
      : `disk could not be taken back: ${started.stopped}`;
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return 'that disk is taken back was called off';
  }
}

async function startReclaim(input: ReclaimInput): Promise<string> {
  try {
    await startChild(GC_RUN_WORKFLOWS.reclaim, {
      workflowId: GC_RECLAIM_ID,
      // It closes pushes, and opens them again whatever becomes of this run.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      args: [input],
      staticSummary: 'Take back the disk of what was deleted',
    });
    return `taken back by the workflow ${GC_RECLAIM_ID}: plura reg gc reclaim`;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      return 'another reclaim was under way';
    }
    throw error;
  }
}
