import type { CaseClock } from '../../src/contract/advisory-messages';
import { recordEvent, tell } from './case-alerts';
import { publish, report, tryStep, type CaseRun } from './case-run';

/** Nothing affected was found twice: it is over. False when that could not be put on record. */
export async function closeReplaced(run: CaseRun, clock: CaseClock): Promise<boolean> {
  const { advisory } = run.input;
  const at = new Date().toISOString();
  const closed = await tryStep(run, () =>
    run.activities.closeCase.executeWithOptions({ summary: 'nothing affected is left' }, [
      { advisory, at },
    ]),
  );
  if (!closed) return false;
  report(run, { closedAt: at, resolution: 'replaced' });
  publish(run);
  const text = `Nothing affected is in a channel, and nothing known runs it. Due was ${clock.dueAt}.`;
  await recordEvent(run, clock, { kind: 'closed', what: 'closed', text });
  const title = `${advisory}: nothing affected is left`;
  await tell(run, clock, 'closed', { severity: 'info', title, text });
  return true;
}

/** A person called it not affected. False when not all that the case blocked could be given back. */
export async function giveBack(run: CaseRun, clock: CaseClock): Promise<boolean> {
  const { advisory } = run.input;
  const lifted = await tryStep(run, () =>
    run.activities.liftCaseActs.executeWithOptions({ summary: 'give back what was blocked' }, [
      { advisory },
    ]),
  );
  if (!lifted) return false;
  publish(run);
  const text = `Closed as not affected; ${lifted.value.lifted} digests are free of its blocks.`;
  await recordEvent(run, clock, { kind: 'closed', what: 'lifted', text });
  return true;
}
