import { defineQuery, setHandler, workflowInfo, continueAsNew } from '@temporalio/workflow';
import type { CheckInput, CheckReport } from '../src/contract/continuous-check';
import { MESSAGES } from '../src/contract/messages';
import { alarmIncomplete } from './steps/continuous-check-alarms';
import {
  change,
  count,
  createCheckRun,
  keepTroubled,
  noteErrors,
  publish,
  type CheckRun,
} from './steps/continuous-check-run';
import { settleTroubled } from './steps/continuous-check-settle';
import { describeFailure, rethrowCancellation } from './steps/failure';

/**
 * Checks again what runs and what the channels point at, blocks what fails, and puts the last stable digest that verifies
 * back. Started by the Schedule `continuous-check`, never two at a time; id `continuous-check-{time}`, on the control queue.
 * It takes no message but the query `getCheck`, and continues as new between two slices of the catalogue. All services are
 * looked at before any is acted on: where many fail at once, it is not their images. It does not fail when a part stays
 * away: the run ends as incomplete, alarms, and the next one starts anew. Cancelled, it stops between two steps.
 */
export async function continuousCheckWorkflow(input: CheckInput): Promise<CheckReport> {
  const run = createCheckRun(input);
  setHandler(defineQuery<CheckReport>(MESSAGES.getCheck), () => run.state.report);
  publish(null);
  change(run, {});
  const stopped = await whatStopped(async () => {
    await walk(run);
    await settleTroubled(run);
  });
  return finish(run, stopped);
}

async function whatStopped(work: () => Promise<void>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    rethrowCancellation(error);
    return describeFailure(error).message;
  }
}

async function walk(run: CheckRun): Promise<void> {
  for (;;) {
    const { after } = run.state;
    const slice = await run.activities.lookAtServices.executeWithOptions(
      { summary: after === null ? 'services' : `services after ${after}` },
      [{ after, runId: run.id }],
    );
    const { services, digests, next } = slice;
    count(run, { services, digests });
    keepTroubled(run, slice.troubled);
    if (next === null) return;
    run.state = { ...run.state, after: next };
    change(run, { at: next });
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof continuousCheckWorkflow>({ ...run.input, state: run.state });
    }
  }
}

async function finish(run: CheckRun, stopped: string | null): Promise<CheckReport> {
  if (stopped !== null) noteErrors(run, [stopped]);
  const { errors, failing, unchecked } = run.state.report.counts;
  if (errors > 0) await alarmIncomplete(run);
  const found = failing + unchecked > 0 ? 'failing' : 'clean';
  const outcome = run.state.report.counts.errors > 0 ? 'incomplete' : found;
  change(run, { outcome, endedAt: new Date().toISOString() });
  publish(outcome);
  return run.state.report;
}
