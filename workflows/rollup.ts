import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import type { RollupInput } from '../src/contract/rollup-messages';
import { describeCounts } from '../src/domain/rollup/describe';
import { nextStep, type NextStep } from '../src/domain/rollup/next-step';
import type { RollupOutcome, RollupReport } from '../src/domain/rollup/report';
import { attempt } from './steps/attempt';
import { describeFailure } from './steps/failure';
import { handleRollupMessages } from './steps/rollup-messages';
import { change, createRollupRun, nowIso, publish, save, type RollupRun } from './steps/rollup-run';
import { hold, importBases, look, nextWave, plan, start, swap } from './steps/rollup-steps';

/** The server's timers end here. */
const LONGEST_WAIT_MS = 7 * 86_400_000;

/**
 * Rebuilds services on newer bases, in waves, each by a release of its own through the service's lane. Id `rollup/{id}`, on the release
 * queue; started by the Schedule `base-rollup`, by a person, or by an advisory that can't wait. What is next is decided from the report
 * alone (domain/rollup/next-step). Takes pauseRollup, resumeRollup and cancelRollup as Updates and Signals, rebuildEnded as a Signal, the
 * query getReport, and continues as new where its history grows long. It never stops a release: what is under way ends by its own gates.
 * Cancelled, it holds the rest and ends at once.
 */
export async function rollupWorkflow(input: RollupInput): Promise<RollupReport> {
  const run = createRollupRun(input);
  handleRollupMessages(run);
  publish(null);
  change(run, {});
  if (input.dryRun === true) return planOnly(run);
  if (await isToBeContinued(run)) {
    await condition(allHandlersFinished);
    await continueAsNew<typeof rollupWorkflow>({ ...input, state: run.report });
  }
  return CancellationScope.nonCancellable(() => end(run));
}

/** False once it has ended, whatever ended it. */
async function isToBeContinued(run: RollupRun): Promise<boolean> {
  try {
    if (!run.input.state) await begin(run);
    return await roll(run);
  } catch (error) {
    stop(run, error);
    return false;
  }
}

/** Nobody looks after what is left: it is told as held, whether its release goes on or never began. */
function stop(run: RollupRun, error: unknown): void {
  const isCancelled = isCancellation(error);
  const why = isCancelled ? 'cancelled from Temporal' : describeFailure(error).message;
  if (isCancelled) hold(run, 'cancelled', why);
  hold(run, 'time', why);
}

async function planOnly(run: RollupRun): Promise<RollupReport> {
  await plan(run);
  change(run, { outcome: 'planned', endedAt: nowIso() });
  publish('planned');
  return run.report;
}

async function begin(run: RollupRun): Promise<void> {
  await importBases(run);
  await plan(run);
  await save(run);
}

/** True when its history has grown long; it goes on from its report. */
async function roll(run: RollupRun): Promise<boolean> {
  for (;;) {
    await look(run);
    const step = nextStep(run.report, run.input.settings, Date.now());
    if (step.kind === 'end') return false;
    await take(run, step);
    if (workflowInfo().continueAsNewSuggested) return true;
  }
}

async function take(run: RollupRun, step: Exclude<NextStep, { kind: 'end' }>): Promise<void> {
  switch (step.kind) {
    case 'start':
      await start(run, step.services);
      return;
    case 'hold':
      hold(run, step.because, step.why);
      return;
    case 'soak':
      change(run, { soakUntil: new Date(Date.now() + step.forMs).toISOString() });
      return;
    case 'next-wave':
      await nextWave(run);
      return;
    case 'swap':
      swap(run, step);
      return;
    case 'wait':
      // A nudge that came meanwhile is not lost: it is looked at first.
      await condition(() => run.nudged, Math.max(1, Math.min(step.forMs, LONGEST_WAIT_MS)));
  }
}

function outcomeOf({ stopped, reason, tasks }: RollupReport): RollupOutcome {
  if (stopped === 'cancelled') return 'cancelled';
  return stopped !== null || reason !== null || tasks.some(({ state }) => state === 'held')
    ? 'held'
    : 'done';
}

async function end(run: RollupRun): Promise<RollupReport> {
  const outcome = outcomeOf(run.report);
  change(run, { outcome, paused: false, endedAt: nowIso() });
  publish(outcome);
  await save(run);
  await tell(run, outcome);
  await condition(allHandlersFinished);
  return run.report;
}

/** One note for all of it; the report says the same, so it does not fail for it. */
async function tell(run: RollupRun, outcome: RollupOutcome): Promise<void> {
  const { id, tasks, reason, cause } = run.report;
  const bad = outcome !== 'done' || tasks.some(({ state }) => state === 'failed');
  const urgent = bad && cause.kind === 'emergency';
  const title = `Rollup ${id}: ${outcome}`;
  await attempt(() =>
    run.notes.notify.executeWithOptions({ summary: title }, [
      {
        id: `rollup/${id}`,
        severity: urgent ? 'critical' : bad ? 'warning' : 'info',
        title,
        text: [
          `${describeCounts(tasks)}.`,
          ...(reason === null ? [] : [`${reason}.`]),
          `See: plura reg rollup status ${id}`,
        ].join(' '),
        svc: '',
      },
    ]),
  );
}
