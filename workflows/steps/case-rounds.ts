import { MAX_SIGNAL_HITS, type CaseClock } from '../../src/contract/advisory-messages';
import type { CaseLook, CasePulls } from '../../src/domain/advisories/case';
import { judgeClose, type AffectedLook } from '../../src/domain/advisories/case-close';
import { isOverdue } from '../../src/domain/advisories/case-clock';
import { describePulls } from '../../src/domain/advisories/case-pulls';
import { noteWorse, recordEvent, tellOpened, tellWorse } from './case-alerts';
import { caseTodo, followRollups, orderRollup } from './case-rollups';
import { change, report, restart, tryStep, type CaseRun } from './case-run';

/** Puts on record what was signalled. What fails stays pending. */
export async function takeHits(run: CaseRun): Promise<void> {
  const { advisory, policy } = run.input;
  while (run.pending.length > 0) {
    const hits = run.pending.slice(0, MAX_SIGNAL_HITS);
    const opened = await tryStep(run, () =>
      run.activities.openCase.executeWithOptions({ summary: `${hits.length} hits` }, [
        { advisory, hits, policy },
      ]),
    );
    if (!opened) return;
    run.pending.splice(0, hits.length);
    const { clock } = opened.value;
    if (clock && isNext(run, clock)) restart(run);
    if (clock) takeClock(run, clock);
    change(run, { clearLooks: 0 });
  }
}

/** The case that was followed is over, and this is the next one of the advisory. */
function isNext({ state }: CaseRun, { openedAt }: CaseClock): boolean {
  const before = state.report.clock;
  return before !== null && before.openedAt !== openedAt;
}

function takeClock(run: CaseRun, clock: CaseClock): void {
  const before = run.state.report.clock;
  if (before && !isNext(run, clock) && clock.severity !== before.severity) noteWorse(run);
  report(run, { clock });
}

/** none: there is no case. failed: it could not be looked at. */
export type Looked = 'done' | 'none' | 'failed';

/** One look at the case as the ledger has it, with all that follows from it. */
export async function lookAndAct(run: CaseRun): Promise<Looked> {
  const { advisory, policy } = run.input;
  const looked = await tryStep(run, () =>
    run.activities.lookAtCase.executeWithOptions({ summary: 'where it is' }, [
      { advisory, policy },
    ]),
  );
  if (!looked?.value) {
    const { clock } = run.state.report;
    if (clock) await tellOpened(run, clock, []);
    return looked ? 'none' : 'failed';
  }
  const { clock, closedAt, resolution, look } = looked.value;
  takeClock(run, clock);
  report(run, { closedAt, resolution: resolution?.kind ?? null });
  if (closedAt !== null) return 'done';
  const acted = await act(run, clock, look);
  const done = [acted.text, await orderRollup(run, clock, look)];
  await followRollups(run, clock, look);
  await keepLook(run, look, acted.pulls);
  await tellOpened(
    run,
    clock,
    done.filter((text) => text !== null),
  );
  await tellWorse(run, clock);
  const { clear } = judgeClose(look);
  change(run, { clearLooks: clear ? run.state.clearLooks + 1 : 0 });
  return 'done';
}

async function keepLook(
  run: CaseRun,
  { affected, more, unknown, unmatched }: AffectedLook,
  pulls: CasePulls | undefined,
): Promise<void> {
  const at = new Date().toISOString();
  const todo = caseTodo(run, { affected, more, unknown });
  const look: CaseLook = {
    ...{ at, affected, more, unknown, todo },
    ...(unmatched && { unmatched }),
    ...(pulls && { pulls }),
  };
  report(run, { look });
  const { advisory } = run.input;
  await tryStep(run, () =>
    run.activities.saveCaseLook.executeWithOptions({ summary: 'kept' }, [{ advisory, look }]),
  );
}

interface Acted {
  /** Null: it is no news. */
  readonly text: string | null;
  readonly pulls: CasePulls | undefined;
}

/** Blocks and quarantines by the policy; says what is so, when that is news. */
async function act(run: CaseRun, clock: CaseClock, look: AffectedLook): Promise<Acted> {
  const { advisory, policy } = run.input;
  const at = new Date().toISOString();
  const acted = await tryStep(run, () =>
    run.activities.actOnCase.executeWithOptions({ summary: 'block what is affected' }, [
      { advisory, policy, look, at },
    ]),
  );
  // What was so when it was last asked is so still, as far as is known.
  if (!acted) return { text: null, pulls: run.state.report.look?.pulls };
  const { denied, quarantined, pulls, failed } = acted.value;
  const problems = [...run.state.report.problems, ...failed];
  if (failed.length > 0) report(run, { problems: problems.slice(-20) });
  const total = denied + quarantined;
  if (total === run.state.acted) return { text: null, pulls };
  change(run, { acted: total });
  const text = `${denied} digests may start nowhere, ${quarantined} are under quarantine.`;
  const kind = quarantined > 0 ? 'quarantined' : 'blocked';
  const overdue = isOverdue(clock, Date.now());
  const cut = describePulls(pulls, { advisory, dueAt: clock.dueAt, overdue });
  await recordEvent(run, clock, {
    ...{ kind, what: `acted/${denied}/${quarantined}` },
    text: `${text} ${cut}`.trim(),
  });
  return { text, pulls };
}
