import {
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { PreflightInput, PreflightRun } from '../src/contract/drill-messages';
import type { JudgedPreflight, Preflight } from '../src/domain/drill/preflight';
import { describeFailure, rethrowCancellation } from './steps/failure';

/** Services of one slice: one activity, whose result stays small. */
const SLICE = 20;
const MAX_NOTES = 20;
/** Slices in a row: then a part is away, and the next run is soon. */
const MAX_FAILURES = 2;

/** A registry or ledger that stays away for longer fails the slice. */
const activities = proxyActivities<Activities>({
  startToCloseTimeout: 300_000,
  heartbeatTimeout: 20_000,
  scheduleToCloseTimeout: 900_000,
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 60_000 },
});

/**
 * Looks whether every service could be rolled back at this moment, and renews the leases of what it would go to. Started by the
 * Schedule `rollback-preflight`, never two at a time; id `rollback-preflight-{time}`, on the control queue. It takes no messages,
 * continues as new where its history grows long, and does not fail when a part stays away: what could not be looked at keeps its last
 * record, and people are told once a day.
 */
export async function rollbackPreflightWorkflow(input: PreflightInput): Promise<PreflightRun> {
  let after = input.state?.after ?? null;
  let run = input.state?.run ?? newRun();
  let failures = 0;
  for (;;) {
    show(run);
    const slice = await checkSlice(input, run, after);
    ({ run } = slice);
    failures = slice.failed ? failures + 1 : 0;
    if (slice.next === null || failures === MAX_FAILURES) return finish(run);
    after = slice.next;
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof rollbackPreflightWorkflow>({ ...input, state: { after, run } });
    }
  }
}

function newRun(): PreflightRun {
  const counts = { complete: 0, incomplete: 0, noTarget: 0, errors: 0 };
  return { startedAt: new Date().toISOString(), ...counts, notes: [] };
}

interface Slice {
  readonly run: PreflightRun;
  readonly next: string | null;
  readonly failed: boolean;
}

async function checkSlice(
  { settings }: PreflightInput,
  run: PreflightRun,
  after: string | null,
): Promise<Slice> {
  try {
    const { checked, errors, next } = await activities.checkRollbackTargets.executeWithOptions(
      { summary: `rollback targets after ${after ?? 'the start'}` },
      [{ after, limit: SLICE, settings }],
    );
    const told: Preflight[] = [];
    const undelivered: string[] = [];
    for (const { preflight, alert } of checked) {
      const problem = alert && (await tell(preflight, alert));
      if (problem) undelivered.push(problem);
      else told.push(preflight);
    }
    // What nobody was told of is not on record, so the next run tells it.
    await activities.recordPreflights.executeWithOptions({ summary: `${told.length} recorded` }, [
      { preflights: told },
    ]);
    const seen = checked.map(({ preflight }) => preflight);
    return { run: noteErrors(count(run, seen), [...errors, ...undelivered]), next, failed: false };
  } catch (error) {
    rethrowCancellation(error);
    return failedSlice(run, after, describeFailure(error).message);
  }
}

/** The slice after one that could not be looked at, or not be recorded: what spoils it need not spoil the next. */
async function failedSlice(run: PreflightRun, after: string | null, why: string): Promise<Slice> {
  const failed = { run: noteErrors(run, [why]), failed: true };
  try {
    const { next } = await activities.passRollbackTargets.executeWithOptions(
      { summary: `go on after ${after ?? 'the first'}` },
      [{ after, limit: SLICE }],
    );
    return { ...failed, next };
  } catch (error) {
    rethrowCancellation(error);
    return { ...failed, next: null };
  }
}

/** Why it could not be delivered; null when it was. */
async function tell(
  { svc, since }: Preflight,
  alert: NonNullable<JudgedPreflight['alert']>,
): Promise<string | null> {
  try {
    await activities.notify.executeWithOptions({ summary: alert.title }, [
      { id: `rollback-preflight/${svc}/${since}`, svc, ...alert },
    ]);
    return null;
  } catch (error) {
    rethrowCancellation(error);
    return `not delivered: ${alert.title}. ${describeFailure(error).message}`;
  }
}

function count(run: PreflightRun, seen: readonly Preflight[]): PreflightRun {
  const of = (outcome: Preflight['outcome']): readonly Preflight[] =>
    seen.filter((one) => one.outcome === outcome);
  const incomplete = of('incomplete');
  const notes = incomplete.map(({ svc, faults }) => `${svc}: ${faults[0]?.message ?? ''}`);
  return {
    ...run,
    complete: run.complete + of('complete').length,
    incomplete: run.incomplete + incomplete.length,
    noTarget: run.noTarget + of('no-target').length,
    notes: firstOf([...run.notes, ...notes]),
  };
}

function noteErrors(run: PreflightRun, errors: readonly string[]): PreflightRun {
  const notes = firstOf([...run.notes, ...errors]);
  return { ...run, errors: run.errors + errors.length, notes };
}

function firstOf(lines: readonly string[]): readonly string[] {
  return lines.slice(0, MAX_NOTES).map((line) => line.slice(0, 400));
}

async function finish(run: PreflightRun): Promise<PreflightRun> {
  if (run.errors > 0) {
    const title = 'Not every way back was looked at';
    const text = `${run.errors} could not be looked at: ${run.notes.at(-1) ?? ''}`;
    // What lasts is found by every run; receivers drop what has the id of an alert that they had.
    const id = `rollback-preflight/incomplete/${run.startedAt.slice(0, 10)}`;
    try {
      await activities.notify.executeWithOptions({ summary: title }, [
        { id, severity: 'warning', title, text, svc: '' },
      ]);
    } catch (error) {
      rethrowCancellation(error);
    }
  }
  show(run);
  return run;
}

/** Markdown for Temporal Web UI. */
function show({ startedAt, complete, incomplete, noTarget, errors, notes }: PreflightRun): void {
  setCurrentDetails(
    [
      `### Ways back since ${startedAt}`,
      `${complete} complete, ${incomplete} incomplete, ${noTarget} without an earlier digest, ${errors} not looked at`,
      notes.map((line) => `- ${line}`).join('\n'),
    ].join('\n\n'),
  );
}
