import type { CheckFinding } from '../../src/domain/continuous-check/finding';
import { shortDigest } from '../../src/domain/digest';
import { count, noteErrors, type CheckRun } from './continuous-check-run';
import { describeFailure, rethrowCancellation } from './failure';

export interface Alarm {
  /** Apart from other alarms of the same service and day. */
  readonly key: string;
  readonly severity: 'critical' | 'warning';
  readonly title: string;
  readonly text: string;
  readonly svc: string;
  /** RFC 3339: of its day. */
  readonly at: string;
}

/** Receivers drop what has the id of an alarm that they had today. */
export async function alarm(run: CheckRun, { key, at, ...rest }: Alarm): Promise<void> {
  const id = `continuous-check/${rest.svc}/${key}/${at.slice(0, 10)}`;
  count(run, { alarmed: 1 });
  try {
    await run.activities.notify.executeWithOptions({ summary: `alert: ${rest.title}` }, [
      { id, ...rest },
    ]);
  } catch (error) {
    rethrowCancellation(error);
    noteErrors(run, [`not delivered: ${rest.title}. ${describeFailure(error).message}`]);
  }
}

/** What an alarm is about, as part of its key. */
export function keyOf(cause: string, findings: readonly CheckFinding[]): string {
  const about = findings.map(({ check, digest }) =>
    digest === null ? check : `${check} ${shortDigest(digest)}`,
  );
  return [cause, ...new Set(about)].join(', ').slice(0, 300);
}

export async function alarmIncomplete(run: CheckRun): Promise<void> {
  const { counts, errors, startedAt } = run.state.report;
  await alarm(run, {
    key: 'incomplete',
    severity: 'warning',
    title: 'What runs could not be checked as a whole',
    text: `${counts.errors} error(s), first: ${errors[0] ?? ''}`,
    svc: '',
    at: startedAt,
  });
}
