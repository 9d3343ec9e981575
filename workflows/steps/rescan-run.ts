import {
  ActivityCancellationType,
  proxyActivities,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type {
  RescanCounts,
  RescanInput,
  RescanReport,
  RescanState,
} from '../../src/contract/messages';
import { bullets, countsTable } from './report';
import { reporterOf } from './reporter';

export interface RescanRun {
  readonly input: RescanInput;
  readonly activities: ActivityInterfaceFor<Activities>;
  /** Replaced, never changed in place. */
  state: RescanState;
}

const NOTHING: RescanCounts = { looked: 0, scanned: 0, bad: 0, alarmed: 0, errors: 0 };

export function createRescanRun(input: RescanInput): RescanRun {
  return {
    input,
    // A slice of slow scans; what stays away for longer ends this run, and the next one is soon.
    activities: proxyActivities<Activities>({
      startToCloseTimeout: 1_800_000,
      heartbeatTimeout: 20_000,
      scheduleToCloseTimeout: 3_600_000,
      retry: {
        initialInterval: 1_000,
        backoffCoefficient: 2,
        maximumInterval: 60_000,
        maximumAttempts: 8,
      },
      cancellationType: ActivityCancellationType.TRY_CANCEL,
    }),
    state: input.state ?? {
      report: {
        startedAt: new Date().toISOString(),
        endedAt: null,
        outcome: null,
        databaseAt: null,
        counts: NOTHING,
        found: [],
        errors: [],
      },
      running: [],
      after: null,
    },
  };
}

export const { report, publish, count, noteErrors, noteFound } = reporterOf<
  RescanCounts,
  RescanReport,
  RescanState
>('rescan', describeReport);

/** Markdown for Temporal Web UI. */
function describeReport({ counts, ...one }: RescanReport): string {
  return [
    `### Scanned again: ${one.outcome ?? 'under way'}`,
    `Since ${one.startedAt}${one.databaseAt === null ? '' : `, advisories of ${one.databaseAt}`}`,
    countsTable({ ...counts }),
    ...bullets('Found', one.found),
    ...bullets('Could not scan', one.errors),
  ].join('\n\n');
}
