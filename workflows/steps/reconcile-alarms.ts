import { nameOf, serviceOf, type Finding } from '../../src/domain/registry/drift';
import { describeFailure, rethrowCancellation } from './failure';
import { count, noteErrors, type ReconcileRun } from './reconcile-run';

/** Told one by one; what is over is told in one sentence at the end. */
const MAX_ALARMS = 20;

interface Alarm {
  /** Apart from other alarms of the same run, or day. */
  readonly key: string;
  readonly severity: 'critical' | 'warning';
  readonly title: string;
  readonly text: string;
  readonly svc: string;
}

async function send(
  run: ReconcileRun,
  { key, ...alarm }: Alarm,
  since = run.state.report.startedAt,
): Promise<void> {
  const id = `reconcile/${since}/${key}`;
  try {
    await run.activities.notify.executeWithOptions({ summary: alarm.title }, [{ id, ...alarm }]);
  } catch (error) {
    rethrowCancellation(error);
    noteErrors(run, [`not delivered: ${alarm.title}. ${describeFailure(error).message}`]);
  }
}

export async function alarm(
  run: ReconcileRun,
  finding: Finding,
  severity: 'critical' | 'warning',
  text: string,
): Promise<void> {
  count(run, { alarmed: 1 });
  if (run.state.report.counts.alarmed > MAX_ALARMS) return;
  const { repository } = finding;
  const title = `${repository}: not as recorded`;
  await send(run, { key: nameOf(finding), severity, title, text, svc: serviceOf(repository) });
}

/** What concerns the registry as a whole. */
export async function alarmAtEnd(run: ReconcileRun, stopped: string | null): Promise<void> {
  const { counts, errors, startedAt } = run.state.report;
  // What lasts is found by every run; receivers drop what has the id of an alarm that they had.
  const day = startedAt.slice(0, 10);
  const { withheld, around, alarmed } = counts;
  const tell = (
    key: string,
    severity: Alarm['severity'],
    title: string,
    text: string,
    since = startedAt,
  ): Promise<void> => send(run, { key, severity, title, text, svc: '' }, since);
  if (withheld > 0) {
    await tell(
      'withheld',
      'critical',
      'The registry lacks more than is believed',
      `${withheld} tags or manifests on record are gone, over the ${run.input.settings.maxForgotten} that one run believes; ` +
        'they are still on record. Check the storage of the registry. If they were removed on purpose, raise ' +
        'PLURA_RECONCILE_MAX_FORGOTTEN for one run.',
      day,
    );
  }
  if (around > 0) {
    await tell(
      'around-gateway',
      'warning',
      'Pushed around the gateway',
      `${around} tags were pushed to the registry itself and are recorded now: ${run.state.around.join(', ')}` +
        `${around > run.state.around.length ? ', …' : '.'} Close the registry to everybody but the gateway.`,
    );
  }
  if (alarmed > MAX_ALARMS) {
    const more = alarmed - MAX_ALARMS;
    const text = `${more} more were found; the registry's events have all of them.`;
    await tell('more', 'critical', 'More is not as recorded', text);
  }
  if (stopped !== null || counts.errors > 0) {
    const why = stopped ?? `${counts.errors} could not be looked at, first: ${errors[0] ?? ''}`;
    await tell('incomplete', 'warning', 'The registry was not looked at as a whole', why, day);
  }
}
