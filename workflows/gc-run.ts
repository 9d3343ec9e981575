import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import type { GcRunInput, GcRunOutcome, GcRunReport } from '../src/contract/gc-run-messages';
import { attempt } from './steps/attempt';
import { alertOfRun } from './steps/gc-run-alert';
import { reclaimAfter } from './steps/gc-run-reclaim';
import { handleGcMessages } from './steps/gc-messages';
import { change, createGcRun, publish, type GcRun } from './steps/gc-run-state';
import { beginPlan, endPlan, executeSlice } from './steps/gc-run-slice';

/**
 * Executes one plan as it was read, item by item, each looked at again just before. Id `gc-run/{plan}`, on the release queue,
 * started by whoever may run it; one plan runs at a time. Takes pauseGc, resumeGc and cancelGc as Updates and Signals, the
 * query getGcRun, and continues as new where its history grows long. When the registry or the ledger stays away for longer than
 * the settings allow, it stops between two items, and the plan is stopped. Cancelled: likewise. Where disk is to be taken back after
 * it, it stays open until then, and cancelled meanwhile calls that off.
 */
export async function gcRunWorkflow(input: GcRunInput): Promise<GcRunReport> {
  const run = createGcRun(input);
  handleGcMessages(run);
  publish(null);
  change(run, {});
  const ended = await endOf(run);
  // Not within an attempt: it ends the run by throwing.
  if (ended === null) return continueAsNew<typeof gcRunWorkflow>({ ...input, state: run.state });
  await end(run, ended);
  if (input.alert === true) await alertOfRun(run);
  await reclaimAfter(run);
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return run.state;
}

interface RunEnd {
  readonly outcome: GcRunOutcome;
  readonly reason: string | null;
}

/** Null: its history has grown long, and a new run goes on with the rest. */
async function endOf(run: GcRun): Promise<RunEnd | null> {
  try {
    const tried = await attempt(() => execute(run));
    return tried.stopped === null ? tried.value : { outcome: 'stopped', reason: tried.stopped };
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return { outcome: 'stopped', reason: run.cancelled ?? 'cancelled' };
  }
}

async function execute(run: GcRun): Promise<RunEnd | null> {
  const refused = run.input.state ? null : await beginPlan(run);
  if (refused !== null) return { outcome: 'refused', reason: refused };
  for (;;) {
    await condition(() => !run.state.paused || isCancelled(run));
    if (isCancelled(run)) return { outcome: 'stopped', reason: run.cancelled };
    if (!(await executeSlice(run))) return { outcome: 'done', reason: null };
    if (!workflowInfo().continueAsNewSuggested) continue;
    await condition(allHandlersFinished);
    // A new run would not know of it.
    if (!isCancelled(run) && !CancellationScope.current().consideredCancelled) return null;
  }
}

const isCancelled = ({ cancelled }: GcRun): boolean => cancelled !== null;

/** The turn of the plan is given back, whatever happened: the answer that it was taken may have been lost. */
async function end(run: GcRun, { outcome, reason }: RunEnd): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    if (outcome !== 'refused') change(run, { counts: await endPlan(run, outcome) });
    change(run, { outcome, reason, paused: false, endedAt: new Date().toISOString() });
    publish(outcome);
  });
}
