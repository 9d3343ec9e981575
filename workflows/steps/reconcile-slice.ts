import { sleep } from '@temporalio/workflow';
import type { RepairOutcome } from '../../activities/reconcile';
import {
  describeFinding,
  nameOf,
  planRepair,
  type Finding,
  type RepairPlan,
} from '../../src/domain/registry/drift';
import { alarm } from './reconcile-alarms';
import { count, noteErrors, noteFound, report, type ReconcileRun } from './reconcile-run';

/** Looks at the next slice of the walk, and repairs what a second look confirms. False when the walk is through. */
export async function walkSlice(run: ReconcileRun): Promise<boolean> {
  const { settings } = run.input;
  const { cursor, report: before } = run.state;
  const slice = await run.activities.walkRegistry.executeWithOptions(
    { summary: cursor.after === null ? cursor.phase : `${cursor.phase}, after ${cursor.after}` },
    [
      {
        cursor,
        manifestShare: Math.floor(Date.parse(before.startedAt) / settings.everyMs),
        manifestShares: settings.manifestShares,
      },
    ],
  );
  const { repositories, tags, manifests } = slice;
  count(run, { repositories, tags, manifests });
  noteErrors(run, slice.errors);
  if (slice.findings.length > 0) await lookAgain(run, slice.findings);
  if (!slice.next) return false;
  report(run, { at: slice.next.after });
  run.state = { ...run.state, cursor: slice.next };
  return true;
}

async function lookAgain(run: ReconcileRun, findings: readonly Finding[]): Promise<void> {
  await sleep(run.input.settings.confirmAfterMs, { summary: 'before the second look' });
  const { confirmed, errors } = await run.activities.confirmDrift.executeWithOptions(
    { summary: `second look at ${findings.length}` },
    [{ findings }],
  );
  noteErrors(run, errors);
  const plans = confirmed.map(planRepair);
  keepGone(
    run,
    plans.filter((plan) => plan.repair === 'forget'),
  );
  await repair(
    run,
    plans.filter((plan) => plan.repair !== 'forget'),
  );
}

/** Kept until the walk is through: only then is known how much is gone. */
function keepGone(run: ReconcileRun, plans: readonly RepairPlan[]): void {
  const { gone, goneCount } = run.state;
  run.state = {
    ...run.state,
    gone: [...gone, ...plans].slice(0, run.input.settings.maxForgotten),
    goneCount: goneCount + plans.length,
  };
}

/** Notes what is gone. A registry that lost its storage answers 404 to everything: so much at once is not believed. */
export async function forgetGone(run: ReconcileRun): Promise<void> {
  const { gone, goneCount } = run.state;
  if (goneCount <= run.input.settings.maxForgotten) {
    await repair(run, gone);
    return;
  }
  count(run, { withheld: goneCount });
  const some = gone.slice(0, 3).map(({ finding }) => nameOf(finding));
  noteFound(run, [`${goneCount} are gone, too many to be believed, e.g. ${some.join(', ')}`]);
}

async function repair(run: ReconcileRun, plans: readonly RepairPlan[]): Promise<void> {
  if (plans.length === 0) return;
  count(run, { drift: plans.length });
  const outcomes = await run.activities.repairDrift.executeWithOptions(
    { summary: `repair ${plans.length}` },
    [{ plans, runStartedAt: run.state.report.startedAt }],
  );
  for (const [index, plan] of plans.entries()) {
    const outcome = outcomes[index];
    if (outcome) await tell(run, plan, outcome);
  }
}

async function tell(run: ReconcileRun, plan: RepairPlan, outcome: RepairOutcome): Promise<void> {
  const text = `${describeFinding(plan.finding)} ${outcome.note}`;
  if (outcome.result === 'failed') noteErrors(run, [text]);
  else noteFound(run, [text]);
  const isRight = outcome.result === 'repaired' || outcome.result === 'right';
  if (isRight) count(run, { repaired: 1 });
  if (isRight && plan.event === 'around-gateway') {
    run.state = { ...run.state, around: [...run.state.around, nameOf(plan.finding)].slice(0, 10) };
    count(run, { around: 1 });
  }
  const severity = outcome.result === 'impossible' ? 'critical' : plan.severity;
  if (severity !== null && !outcome.known) await alarm(run, plan.finding, severity, text);
}
