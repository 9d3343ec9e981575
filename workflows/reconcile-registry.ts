import { continueAsNew, defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import { MESSAGES, type ReconcileInput, type ReconcileReport } from '../src/contract/messages';
import { attempt, type Attempt } from './steps/attempt';
import { alarmAtEnd } from './steps/reconcile-alarms';
import {
  count,
  createReconcileRun,
  noteErrors,
  publish,
  report,
  type ReconcileRun,
} from './steps/reconcile-run';
import { forgetGone, walkSlice } from './steps/reconcile-slice';

/**
 * Compares the registry with what the gateway recorded, repairs what differs and alarms. Started by the Schedule
 * `reconcile-registry`, never two at a time; id `reconcile-registry-{time}`, on the release queue. It takes no message but
 * the query `getReconcile`, and continues as new where its history grows long. It does not fail when the registry or the
 * ledger stays away: the run ends as incomplete, alarms, and the next one starts anew. Cancelled, it stops between two
 * steps; each repair is whole.
 */
export async function reconcileRegistryWorkflow(input: ReconcileInput): Promise<ReconcileReport> {
  const run = createReconcileRun(input);
  setHandler(defineQuery<ReconcileReport>(MESSAGES.getReconcile), () => run.state.report);
  publish(null);
  report(run, {});
  const begun = input.state ? DONE : await attempt(() => settlePending(run));
  return finish(run, begun.stopped ?? (await walkOn(run)));
}

const DONE: Attempt<undefined> = { stopped: null, value: undefined };

/** To the end of the walk; returns what stopped it before that. */
async function walkOn(run: ReconcileRun): Promise<string | null> {
  for (;;) {
    const slice = await attempt(() => walkSlice(run));
    if (slice.stopped !== null) return slice.stopped;
    if (!slice.value) return (await attempt(() => forgetGone(run))).stopped;
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof reconcileRegistryWorkflow>({ ...run.input, state: run.state });
    }
  }
}

async function settlePending(run: ReconcileRun): Promise<void> {
  const { startedAt } = run.state.report;
  const before = new Date(Date.parse(startedAt) - run.input.settings.pendingAfterMs).toISOString();
  const { settled, errors } = await run.activities.settlePending.executeWithOptions(
    { summary: 'pushes that never told their end' },
    [{ before }],
  );
  count(run, { settled });
  noteErrors(run, errors);
}

async function finish(run: ReconcileRun, stopped: string | null): Promise<ReconcileReport> {
  if (stopped !== null) noteErrors(run, [stopped]);
  await alarmAtEnd(run, stopped);
  const { drift, withheld, errors } = run.state.report.counts;
  const differs = drift > 0 ? 'drift' : 'clean';
  const outcome = errors > 0 || withheld > 0 ? 'incomplete' : differs;
  report(run, { outcome, endedAt: new Date().toISOString() });
  publish(outcome);
  return run.state.report;
}
