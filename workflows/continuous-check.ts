import { continueAsNew, defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import type { CheckInput, CheckReport } from '../src/contract/continuous-check';
import { MESSAGES } from '../src/contract/messages';
import { attempt } from './steps/attempt';
import { alarmIncomplete } from './steps/continuous-check-alarms';
import {
  count,
  createCheckRun,
  keepTroubled,
  noteErrors,
  publish,
  report,
  type CheckRun,
} from './steps/continuous-check-run';
import { settleTroubled } from './steps/continuous-check-settle';

/**
 * Checks again what runs and what the channels point at, blocks what fails, and puts the last stable digest that verifies
 * back. Started by the Schedule `continuous-check`, never two at a time; id `continuous-check-{time}`, on the control queue.
 * It takes no message but the query `getCheck`, and continues as new between two slices of the catalogue. All services are
 * looked at before any is acted on: where many fail at once, it is not their images. It does not fail when a part stays
 * away: what was found by then is settled, the run ends as incomplete, alarms, and the next one starts anew. Cancelled, it
 * stops between two steps.
 */
export async function continuousCheckWorkflow(input: CheckInput): Promise<CheckReport> {
  const run = createCheckRun(input);
  setHandler(defineQuery<CheckReport>(MESSAGES.getCheck), () => run.state.report);
  publish(null);
  report(run, {});
  const stopped = await walk(run);
  if (stopped !== null) noteErrors(run, [stopped]);
  const settled = await attempt(() => settleTroubled(run));
  if (settled.stopped !== null) noteErrors(run, [settled.stopped]);
  return finish(run);
}

/** To the end of the catalogue; returns what stopped it before that. */
async function walk(run: CheckRun): Promise<string | null> {
  for (;;) {
    const slice = await attempt(() => lookAtSlice(run));
    if (slice.stopped !== null) return slice.stopped;
    if (slice.value === null) return null;
    // Not within the attempt: it ends the run by throwing.
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof continuousCheckWorkflow>({ ...run.input, state: run.state });
    }
  }
}

/** The service to go on after; null = all are done. */
async function lookAtSlice(run: CheckRun): Promise<string | null> {
  const { after } = run.state;
  const slice = await run.activities.lookAtServices.executeWithOptions(
    { summary: after === null ? 'services' : `services after ${after}` },
    [{ after, runId: run.id }],
  );
  const { services, digests, next } = slice;
  count(run, { services, digests });
  keepTroubled(run, slice.troubled);
  if (next === null) return null;
  run.state = { ...run.state, after: next };
  report(run, { at: next });
  return next;
}

async function finish(run: CheckRun): Promise<CheckReport> {
  const { errors, failing, unchecked } = run.state.report.counts;
  if (errors > 0) await alarmIncomplete(run);
  const found = failing + unchecked > 0 ? 'failing' : 'clean';
  const outcome = run.state.report.counts.errors > 0 ? 'incomplete' : found;
  report(run, { outcome, endedAt: new Date().toISOString() });
  publish(outcome);
  return run.state.report;
}
