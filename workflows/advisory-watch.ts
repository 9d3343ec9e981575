import { continueAsNew, defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import type {
  AdvisoryWatchInput,
  AdvisoryWatchReport,
} from '../src/contract/advisory-watch-messages';
import { MESSAGES } from '../src/contract/messages';
import {
  alarmIncomplete,
  createWatchRun,
  noteErrors,
  publish,
  report,
  type WatchRun,
} from './steps/advisory-watch-run';
import {
  findWorkloads,
  indexNext,
  matchNext,
  noteCases,
  rescanTouched,
} from './steps/advisory-watch-steps';
import { attempt } from './steps/attempt';

/**
 * Matches what is released with the scanner's advisories: indexes SBOMs that the index lacks; goes through the index when the
 * database is another one, else through what came to it; has what is hit scanned again; and tells the cases of advisories that
 * hit prod. Started by the Schedule `advisory-watch` or with a new database, never two at a time, id `advisory-watch-{time}`; on
 * the release queue, whose worker has the database. It takes no message but the query `getAdvisoryWatch`, and continues as new
 * where its history grows long. It does not fail when something stays away: the next run does what is left.
 */
export async function advisoryWatchWorkflow(
  input: AdvisoryWatchInput,
): Promise<AdvisoryWatchReport> {
  const run = createWatchRun(input);
  setHandler(defineQuery<AdvisoryWatchReport>(MESSAGES.getAdvisoryWatch), () => run.state.report);
  publish(null);
  report(run, {});
  if (run.state.step === 'index') await walk(run, indexNext, 'match');
  if (run.state.step === 'match') await walk(run, matchNext, 'tell');
  // Whatever could not be matched: what is known already has to be answered.
  for (const step of [findWorkloads, noteCases, rescanTouched]) {
    const { stopped } = await attempt(() => step(run));
    if (stopped !== null) noteErrors(run, [stopped]);
  }
  const { counts } = run.state.report;
  const outcome = counts.errors > 0 ? 'incomplete' : 'done';
  await alarmIncomplete(run);
  report(run, { outcome, endedAt: new Date().toISOString() });
  publish(outcome);
  return run.state.report;
}

/** Slice by slice, to the end or to what stops it. */
async function walk(
  run: WatchRun,
  next: (run: WatchRun) => Promise<boolean>,
  then: WatchRun['state']['step'],
): Promise<void> {
  for (;;) {
    const slice = await attempt(() => next(run));
    if (slice.stopped !== null) noteErrors(run, [slice.stopped]);
    if (slice.stopped !== null || !slice.value) break;
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof advisoryWatchWorkflow>({ ...run.input, state: run.state });
    }
  }
  run.state = { ...run.state, step: then };
}
