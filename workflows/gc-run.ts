import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import type { GcRunInput, GcRunReport } from '../src/contract/gc-run-messages';
import { attempt } from './steps/attempt';
import { handleGcMessages } from './steps/gc-messages';
import { change, createGcRun, publish, type GcRun } from './steps/gc-run-state';
import { beginPlan, endPlan, executeSlice } from './steps/gc-run-slice';

/**
 * Executes one plan as it was read, item by item, each looked at again just before. Id `gc-run/{plan}`, on the release queue,
 * started by whoever may run it; one plan runs at a time. Takes pauseGc, resumeGc and cancelGc as Updates and Signals, the
 * query getGcRun, and continues as new where its history grows long. When the registry or the ledger stays away for longer than
 * the settings allow, it stops between two items, and the plan is stopped. Cancelled: likewise.
 */
export async function gcRunWorkflow(input: GcRunInput): Promise<GcRunReport> {
  const run = createGcRun(input);
  handleGcMessages(run);
  publish(null);
  change(run, {});
  let refused: string | null = null;
  const stopped = await whyStopped(run, async () => {
    refused = input.state ? null : await beginPlan(run);
    return refused ?? (await workOn(run));
  });
  if (refused !== null) return end(run, 'refused', refused);
  return end(run, stopped === null ? 'done' : 'stopped', stopped);
}

/** Null when it came to its end. */
async function whyStopped(run: GcRun, work: () => Promise<string | null>): Promise<string | null> {
  try {
    const tried = await attempt(work);
    return tried.stopped ?? tried.value;
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return run.cancelled ?? 'cancelled';
  }
}

async function workOn(run: GcRun): Promise<string | null> {
  for (;;) {
    await condition(() => !run.state.paused || run.cancelled !== null);
    if (run.cancelled !== null) return run.cancelled;
    if (!(await executeSlice(run))) return null;
    if (workflowInfo().continueAsNewSuggested && run.cancelled === null) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof gcRunWorkflow>({ ...run.input, state: run.state });
    }
  }
}

/** The turn of the plan is given back, whatever happened: the answer that it was taken may have been lost. */
async function end(
  run: GcRun,
  outcome: 'done' | 'stopped' | 'refused',
  reason: string | null,
): Promise<GcRunReport> {
  return CancellationScope.nonCancellable(async () => {
    if (outcome !== 'refused') change(run, { counts: await endPlan(run, outcome) });
    change(run, { outcome, reason, paused: false, endedAt: new Date().toISOString() });
    publish(outcome);
    await condition(allHandlersFinished);
    return run.state;
  });
}
