import type { CheckRecord } from '../src/contract/continuous-check';
import type { ServiceCheck } from '../src/domain/continuous-check/service-check';
import type { CheckDeps } from './continuous-check';

const dayOf = (at: string): string => at.slice(0, 10);

/** Tells what is new of it, so that what lasts is not told by every run. */
export async function recordCheck(
  { checks }: Pick<CheckDeps, 'checks'>,
  check: ServiceCheck,
): Promise<CheckRecord> {
  const [before] = await checks.history(check.svc, 1);
  const { runs } = await checks.record(check);
  // Recorded by an attempt whose answer was lost: rather told twice than never.
  const isAgain = before?.runId === check.runId;
  const isFirst = before === undefined || isAgain;
  return {
    runs,
    isNewDay: isFirst || dayOf(before.at) !== dayOf(check.at),
    isNewNote: isFirst || before.note !== check.note,
  };
}
