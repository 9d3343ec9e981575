import {
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  ADVISORY_MESSAGES,
  type AdvisoryCaseInput,
  type AdvisoryCaseReport,
} from '../src/contract/advisory-messages';
import type { AdvisoryHit } from '../src/domain/advisories/case';
import { isOverdue, nextAlarmMs } from '../src/domain/advisories/case-clock';
import { isCutMissing } from '../src/domain/advisories/case-pulls';
import { tellTime } from './steps/case-alerts';
import { closeCase, giveBack } from './steps/case-end';
import { lookAndAct, takeHits } from './steps/case-rounds';
import { createCaseRun, report, restart, type CaseRun } from './steps/case-run';

/** Between the two looks that have to agree before a case is closed, at most; and until a cut from pulls that is due is tried again. */
const SOON_MS = 60_000;
const CLEAR_LOOKS = 2;

/**
 * Answers one advisory, id `advisory/{id}`, on the control queue. Signals: `noteHits` with AdvisoryHit[], by which it is started,
 * and `wake` when a person changed its record; query `getReport`. It blocks what is affected by the policy, orders the rebuild, tells
 * people as the clock runs, and looks again and again until two looks in a row find nothing affected in a channel or running, or a
 * person calls it not affected. What can't be asked keeps it open. It never fails by a part that is away, and continues as new where
 * its history grows long; hits that come after its end start the next run.
 */
export async function advisoryCaseWorkflow(input: AdvisoryCaseInput): Promise<AdvisoryCaseReport> {
  const run = createCaseRun(input);
  setHandler(defineSignal<[readonly AdvisoryHit[]]>(ADVISORY_MESSAGES.noteHits), (hits) => {
    run.pending.push(...hits);
  });
  setHandler(defineSignal(ADVISORY_MESSAGES.wake), () => {
    run.woken = true;
  });
  setHandler(defineQuery<AdvisoryCaseReport>(ADVISORY_MESSAGES.getReport), () => run.state.report);
  for (;;) {
    run.woken = false;
    report(run, { problems: [] });
    if (await goRound(run)) {
      if (run.pending.length === 0) return run.state.report;
      // What is hit after the end of a case is the next one.
      restart(run);
      continue;
    }
    await condition(() => run.pending.length > 0 || run.woken, waitOf(run));
    if (workflowInfo().continueAsNewSuggested && run.state.report.clock) {
      await takeHits(run);
      if (run.pending.length === 0) {
        await continueAsNew<typeof advisoryCaseWorkflow>({ ...run.input, state: run.state });
      }
    }
  }
}

/** True when there is nothing more to do. */
async function goRound(run: CaseRun): Promise<boolean> {
  if (!run.state.report.clock) await takeHits(run);
  if (!run.state.report.clock && run.pending.length > 0) return false;
  let looked = await lookAndAct(run);
  // Nothing of it is in use, or all was called not affected before.
  if (looked === 'none') return run.pending.length === 0;
  // What a person ended is ended before more is added.
  if (run.state.report.closedAt === null && run.pending.length > 0) {
    await takeHits(run);
    looked = await lookAndAct(run);
  }
  const { clock, closedAt, resolution } = run.state.report;
  if (!clock) return false;
  if (closedAt !== null) return resolution !== 'not-affected' || giveBack(run, clock);
  await tellTime(run, clock);
  if (looked !== 'done' || run.pending.length > 0) return false;
  if (run.state.clearLooks < CLEAR_LOOKS) return false;
  return closeCase(run, clock);
}

function waitOf({ state, input }: CaseRun): number {
  const { clock, look } = state.report;
  const { recheckMs } = input.policy;
  const now = Date.now();
  const isUrgent =
    state.clearLooks > 0 || isCutMissing(look?.pulls, clock !== null && isOverdue(clock, now));
  const again = isUrgent ? Math.min(recheckMs, SOON_MS) : recheckMs;
  return Math.max(1, clock ? Math.min(again, nextAlarmMs(clock, now) - now) : again);
}
