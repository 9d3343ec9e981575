import {
  ActivityCancellationType,
  proxyActivities,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type {
  ReconcileCounts,
  ReconcileInput,
  ReconcileReport,
  ReconcileState,
} from '../../src/contract/messages';
import { bullets, countsTable } from './report';
import { reporterOf } from './reporter';

export interface ReconcileRun {
  readonly input: ReconcileInput;
  readonly activities: ActivityInterfaceFor<Activities>;
  /** Replaced, never changed in place. */
  state: ReconcileState;
}

const NOTHING: ReconcileCounts = {
  repositories: 0,
  tags: 0,
  manifests: 0,
  settled: 0,
  drift: 0,
  repaired: 0,
  around: 0,
  alarmed: 0,
  withheld: 0,
  errors: 0,
};

export function createReconcileRun(input: ReconcileInput): ReconcileRun {
  return {
    input,
    // The next run is soon: a registry or ledger that stays away for longer ends this one.
    activities: proxyActivities<Activities>({
      startToCloseTimeout: 300_000,
      heartbeatTimeout: 20_000,
      scheduleToCloseTimeout: 900_000,
      retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 60_000 },
      cancellationType: ActivityCancellationType.TRY_CANCEL,
    }),
    state: input.state ?? {
      cursor: { phase: 'recorded', after: null, tag: null },
      report: {
        startedAt: new Date().toISOString(),
        endedAt: null,
        outcome: null,
        counts: NOTHING,
        at: null,
        found: [],
        errors: [],
      },
      around: [],
      gone: [],
      goneCount: 0,
    },
  };
}

export const { report, publish, count, noteErrors, noteFound } = reporterOf<
  ReconcileCounts,
  ReconcileReport,
  ReconcileState
>('reconcile', describeReport);

/** Markdown for Temporal Web UI. */
function describeReport({ counts, ...report }: ReconcileReport): string {
  return [
    `### Registry against its record: ${report.outcome ?? 'under way'}`,
    `Since ${report.startedAt}${report.at === null ? '' : `, at \`${report.at}\``}`,
    countsTable({ ...counts }),
    ...bullets('Found', report.found),
    ...bullets('Could not look', report.errors),
  ].join('\n\n');
}
