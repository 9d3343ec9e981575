import type { RescanFinding } from '../../activities/rescan';
import { severityOf } from '../../src/domain/rescan';
import { attempt } from './attempt';
import { count, noteErrors, type RescanRun } from './rescan-run';

/** Told one by one; what is over is told in one sentence at the end. */
const MAX_ALARMS = 20;

interface Alarm {
  readonly id: string;
  readonly severity: 'critical' | 'warning';
  readonly title: string;
  readonly text: string;
  readonly svc: string;
  readonly releaseId?: string;
}

async function send(run: RescanRun, alarm: Alarm): Promise<void> {
  const { stopped } = await attempt(() =>
    run.activities.notify.executeWithOptions({ summary: alarm.title }, [alarm]),
  );
  if (stopped !== null) noteErrors(run, [`not delivered: ${alarm.title}. ${stopped}`]);
}

/** What was let in by a scan that would refuse it today. */
export async function alarmBad(run: RescanRun, finding: RescanFinding): Promise<void> {
  count(run, { alarmed: 1 });
  if (run.state.report.counts.alarmed > MAX_ALARMS) return;
  const { svc, digest, releaseId, kept, refused, refusedCount, id } = finding;
  const more = refusedCount > refused.length ? `, and ${refusedCount - refused.length} more` : '';
  const day = run.state.report.startedAt.slice(0, 10);
  await send(run, {
    // What stays bad is told once a day; receivers drop what has the id of an alarm that they had.
    id: `rescan/${day}/${svc}/${digest}/${id}`,
    severity: severityOf(kept),
    title: `${svc}: vulnerabilities in ${kept.join(', ')}`,
    text:
      `${digest}, released by ${releaseId}: ${refused.join(', ')}${more}. ` +
      'New pods of it are refused. Release a version without them.',
    svc,
    releaseId,
  });
}

export async function alarmAtEnd(run: RescanRun, stopped: string | null): Promise<void> {
  const { counts, errors, startedAt } = run.state.report;
  const more = counts.alarmed - MAX_ALARMS;
  if (more > 0) {
    await send(run, {
      id: `rescan/${startedAt}/more`,
      severity: 'critical',
      title: 'More digests have vulnerabilities',
      text: `${more} more digests went bad; plura reg rescan SERVICE shows them.`,
      svc: '',
    });
  }
  // A person who asked for it looks at the answer.
  if (counts.errors === 0 || run.input.target) return;
  const why = stopped ?? `${counts.errors} could not be scanned, first: ${errors[0] ?? ''}`;
  await send(run, {
    // What lasts is found by every run.
    id: `rescan/${startedAt.slice(0, 10)}/incomplete`,
    severity: 'warning',
    title: 'Not all that is kept was scanned again',
    text: `${why} What is not scanned again in time is refused by admission.`,
    svc: '',
  });
}
