import { patched } from '@temporalio/workflow';
import type { CaseClock } from '../../src/contract/advisory-messages';
import { SYSTEM_ACTOR } from '../../src/domain/actor';
import {
  describeAlarm,
  describeOpened,
  describeWorse,
} from '../../src/domain/advisories/case-alert';
import { dueAlarm } from '../../src/domain/advisories/case-clock';
import { change, keyOf, publish, tryStep, type CaseRun } from './case-run';

export interface CaseAlert {
  readonly severity: 'critical' | 'warning' | 'info';
  readonly title: string;
  readonly text: string;
}

/** False when it was not delivered: the next look tries again. */
export async function tell(
  run: CaseRun,
  clock: CaseClock,
  what: string,
  alert: CaseAlert,
): Promise<boolean> {
  const svc = run.state.report.look?.affected[0]?.svc ?? '';
  const id = keyOf(run, clock, what);
  const sent = await tryStep(run, () =>
    run.activities.notify.executeWithOptions({ summary: alert.title }, [{ id, ...alert, svc }]),
  );
  return sent !== null;
}

type EventKind = 'opened' | 'hit' | 'blocked' | 'quarantined' | 'rollup' | 'overdue' | 'closed';

/** A line of the timeline, once for `what`. */
export async function recordEvent(
  run: CaseRun,
  clock: CaseClock,
  { kind, what, text }: { readonly kind: EventKind; readonly what: string; readonly text: string },
): Promise<void> {
  const at = new Date().toISOString();
  const actor = SYSTEM_ACTOR.subject;
  const event = { advisory: run.input.advisory, at, kind, text, actor };
  await tryStep(run, () =>
    run.activities.recordCaseEvent.executeWithOptions({ summary: text.slice(0, 100) }, [
      { key: keyOf(run, clock, what), event },
    ]),
  );
}

/** Half of the time, the last hours, and every day that it is overdue. */
export async function tellTime(run: CaseRun, clock: CaseClock): Promise<void> {
  const { advisory } = run.input;
  const alarm = dueAlarm(clock, Date.now(), run.state.told);
  if (!alarm) return;
  const { look } = run.state.report;
  const alert = describeAlarm({ advisory, ...clock, look }, alarm.kind);
  if (!(await tell(run, clock, alarm.key, alert))) return;
  change(run, { told: [...run.state.told, alarm.key] });
  if (alarm.kind !== 'overdue') return;
  publish(run);
  await recordEvent(run, clock, {
    ...{ kind: 'overdue', what: alarm.key },
    text: `Overdue since ${clock.dueAt}. ${alert.text}`,
  });
}

const OPENED = 'opened';
/** Histories from before have no such alert. */
const TELL_WORSE = 'advisory-case-worse';

/** Once for a case, with what was done at once. */
export async function tellOpened(
  run: CaseRun,
  clock: CaseClock,
  done: readonly string[],
): Promise<void> {
  const { advisory } = run.input;
  const { look } = run.state.report;
  if (run.state.told.includes(OPENED)) return;
  const alert = describeOpened({ advisory, ...clock, look }, done);
  await recordEvent(run, clock, { kind: 'opened', what: OPENED, text: alert.text });
  publish(run);
  if (await tell(run, clock, OPENED, alert)) change(run, { told: [...run.state.told, OPENED] });
}

/** To be told with the next look; who was told of nothing yet hears of it with the rest. */
export function noteWorse(run: CaseRun): void {
  if (run.state.told.includes(OPENED)) change(run, { worse: true });
}

export async function tellWorse(run: CaseRun, clock: CaseClock): Promise<void> {
  if (!run.state.worse || !patched(TELL_WORSE)) return;
  const { advisory } = run.input;
  const alert = describeWorse({ advisory, ...clock, look: run.state.report.look });
  const what = `rated/${clock.severity}`;
  await recordEvent(run, clock, { kind: 'hit', what, text: `${alert.title}. ${alert.text}` });
  if (await tell(run, clock, what, alert)) change(run, { worse: false });
}
