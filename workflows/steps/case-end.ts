import type { CaseClock } from '../../src/contract/advisory-messages';
import { recordEvent, tell } from './case-alerts';
import { publish, report, tryStep, type CaseRun } from './case-run';

interface Ending {
  readonly title: string;
  readonly text: string;
}

/** What people are told of how it ended. */
function describeEnd(
  { input: { advisory } }: CaseRun,
  resolution: 'replaced' | 'withdrawn',
  { dueAt }: CaseClock,
): Ending {
  if (resolution === 'replaced') {
    return {
      title: `${advisory}: nothing affected is left`,
      text: `Nothing affected is in a channel, and nothing known runs it. Due was ${dueAt}.`,
    };
  }
  return {
    title: `${advisory}: it hits nothing any more`,
    text: `Newer databases say of nothing that was hit that it still is, or not as Critical or High. What it had blocked is free, unless another case or a person blocked it too. Due was ${dueAt}.`,
  };
}

/** Nothing affected was found twice: it is over. False when that is not so any more, or could not be put on record. */
export async function closeCase(run: CaseRun, clock: CaseClock): Promise<boolean> {
  const { advisory, policy } = run.input;
  const at = new Date().toISOString();
  const closed = await tryStep(run, () =>
    run.activities.closeCase.executeWithOptions({ summary: 'nothing affected is left' }, [
      { advisory, policy, at },
    ]),
  );
  if (!closed || closed.value === 'kept') return false;
  const resolution = closed.value === 'withdrawn' ? 'withdrawn' : 'replaced';
  report(run, { closedAt: at, resolution });
  publish(run);
  const { title, text } = describeEnd(run, resolution, clock);
  await recordEvent(run, clock, { kind: 'closed', what: 'closed', text });
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
