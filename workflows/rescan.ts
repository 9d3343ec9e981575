import { continueAsNew, defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import { MESSAGES, type RescanInput, type RescanReport } from '../src/contract/messages';
import { attempt } from './steps/attempt';
import { alarmAtEnd } from './steps/rescan-alarms';
import { createRescanRun, noteErrors, publish, report, type RescanRun } from './steps/rescan-run';
import { lookForRunning, scanSlice } from './steps/rescan-slice';

/**
 * Scans again what channels point at, what may be rolled back to, what is held, granted or runs: longest unscanned first, a
 * slice an activity. Started by the Schedule `rescan`, never two at a time, id `rescan-{time}`; or for one service by a person,
 * id `rescan/{svc}`. On the release queue, whose worker has the scanner. It takes no message but the query `getRescan`, and
 * continues as new where its history grows long. It does not fail when something stays away: the run ends as incomplete,
 * alarms, and the next one goes on with what is still due.
 */
export async function rescanWorkflow(input: RescanInput): Promise<RescanReport> {
  const run = createRescanRun(input);
  setHandler(defineQuery<RescanReport>(MESSAGES.getRescan), () => run.state.report);
  publish(null);
  report(run, {});
  if (!input.state && !input.target) {
    const looked = await attempt(() => lookForRunning(run));
    if (looked.stopped !== null) noteErrors(run, [looked.stopped]);
  }
  const stopped = await walkOn(run);
  if (stopped !== null) noteErrors(run, [stopped]);
  await alarmAtEnd(run, stopped);
  const { errors, bad } = run.state.report.counts;
  const found = bad > 0 ? 'bad' : 'clean';
  const outcome = errors > 0 ? 'incomplete' : found;
  report(run, { outcome, endedAt: new Date().toISOString() });
  publish(outcome);
  return run.state.report;
}

/** To the end of what is due; returns what stopped it before that. */
async function walkOn(run: RescanRun): Promise<string | null> {
  for (;;) {
    const slice = await attempt(() => scanSlice(run));
    if (slice.stopped !== null) return slice.stopped;
    if (!slice.value) return null;
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof rescanWorkflow>({ ...run.input, state: run.state });
    }
  }
}
