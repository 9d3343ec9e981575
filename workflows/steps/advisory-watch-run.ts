import {
  ActivityCancellationType,
  proxyActivities,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type {
  AdvisoryWatchCounts,
  AdvisoryWatchInput,
  AdvisoryWatchReport,
  AdvisoryWatchState,
} from '../../src/contract/advisory-watch-messages';
import { attempt } from './attempt';
import { bullets, countsTable } from './report';
import { reporterOf } from './reporter';

export interface WatchRun {
  readonly input: AdvisoryWatchInput;
  readonly activities: ActivityInterfaceFor<Activities>;
  /** Replaced, never changed in place. */
  state: AdvisoryWatchState;
}

const NOTHING: AdvisoryWatchCounts = {
  ...{ indexed: 0, looked: 0, matched: 0, appeared: 0, vanished: 0, changed: 0 },
  ...{ cases: 0, errors: 0 },
};

export function createWatchRun(input: AdvisoryWatchInput): WatchRun {
  return {
    input,
    // A slice takes seconds; what stays away for longer ends this run, and the next one is soon.
    activities: proxyActivities<Activities>({
      startToCloseTimeout: 900_000,
      heartbeatTimeout: 20_000,
      scheduleToCloseTimeout: 1_800_000,
      retry: {
        initialInterval: 1_000,
        backoffCoefficient: 2,
        maximumInterval: 60_000,
        maximumAttempts: 4,
      },
      cancellationType: ActivityCancellationType.TRY_CANCEL,
    }),
    state: input.state ?? {
      report: {
        startedAt: new Date().toISOString(),
        endedAt: null,
        outcome: null,
        database: null,
        databaseAt: null,
        isNew: false,
        counts: NOTHING,
        rescans: false,
        found: [],
        errors: [],
      },
      step: 'index',
      indexAfter: null,
      matchAfter: null,
    },
  };
}

export const { report, publish, count, noteErrors } = reporterOf<
  AdvisoryWatchCounts,
  AdvisoryWatchReport,
  AdvisoryWatchState
>('advisory-watch', describeReport);

export async function alarmIncomplete(run: WatchRun): Promise<void> {
  const { counts, errors, startedAt } = run.state.report;
  if (counts.errors === 0) return;
  const title = 'Not all that is released was matched with the advisories';
  const alarm = {
    // What lasts is found by every run; receivers drop what has the id of an alarm that they had.
    id: `advisory-watch/${startedAt.slice(0, 10)}/incomplete`,
    severity: 'warning',
    title,
    text: `${counts.errors} could not be done, first: ${errors[0] ?? ''} The next run tries again.`,
    svc: '',
  } as const;
  const { stopped } = await attempt(() =>
    run.activities.notify.executeWithOptions({ summary: title }, [alarm]),
  );
  if (stopped !== null) noteErrors(run, [`not delivered: ${title}. ${stopped}`]);
}

/** Markdown for Temporal Web UI. */
function describeReport({ counts, ...one }: AdvisoryWatchReport): string {
  const database = one.databaseAt === null ? '' : `, advisories of ${one.databaseAt}`;
  return [
    `### Matched with advisories: ${one.outcome ?? 'under way'}`,
    `Since ${one.startedAt}${database}${one.isNew ? ', a new database' : ''}`,
    countsTable({ ...counts }),
    ...bullets('Cases', one.found),
    ...bullets('Not done', one.errors),
  ].join('\n\n');
}
