import {
  ActivityCancellationType,
  patched,
  proxyActivities,
  workflowInfo,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { OrderRollbackInput } from '../../activities/continuous-check-act';
import type {
  CheckCounts,
  CheckInput,
  CheckReport,
  CheckState,
  ServiceLook,
} from '../../src/contract/continuous-check';
import { failingFirst } from '../../src/domain/continuous-check/finding';
import { attempt } from './attempt';
import { bullets, countsTable } from './report';
import { reporterOf } from './reporter';

/** Runs that began before have asked for rollbacks by their workflow id; to be removed once none of them runs. */
const BY_RUN_ID = 'continuous-check-by-run-id';

/** Services that a run looks at twice; where more are not well, it is none of theirs. */
const MAX_TROUBLED = 100;

/** A rollback that the run has asked for. */
export interface AskedRollback {
  readonly order: OrderRollbackInput;
  /** What it goes back from is to be blocked once it serves no longer. */
  readonly blockFrom: boolean;
  readonly reason: string;
}

export interface CheckRun {
  readonly input: CheckInput;
  /** Names the run across continue-as-new; its workflow id is that of any run that began in the same second. */
  readonly id: string;
  readonly activities: ActivityInterfaceFor<Activities>;
  /** What waits for a rollback's end. */
  readonly rollbacks: ActivityInterfaceFor<Activities>;
  /** Replaced, never changed in place. */
  state: CheckState;
  /** Those that were not over when they were answered; replaced as well. */
  openRollbacks: readonly AskedRollback[];
}

const NOTHING: CheckCounts = {
  services: 0,
  digests: 0,
  failing: 0,
  unchecked: 0,
  blocked: 0,
  rolledBack: 0,
  alarmed: 0,
  errors: 0,
};

/** The next run is soon: a part that stays away for longer ends this one. */
const COMMON = {
  heartbeatTimeout: 20_000,
  scheduleToCloseTimeout: 900_000,
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 30_000 },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
} as const;

export function createCheckRun(input: CheckInput): CheckRun {
  return {
    input,
    id: patched(BY_RUN_ID) ? workflowInfo().firstExecutionRunId : workflowInfo().workflowId,
    activities: proxyActivities<Activities>({ ...COMMON, startToCloseTimeout: 300_000 }),
    rollbacks: proxyActivities<Activities>({ ...COMMON, startToCloseTimeout: 420_000 }),
    state: input.state ?? {
      after: null,
      report: {
        startedAt: new Date().toISOString(),
        endedAt: null,
        outcome: null,
        counts: NOTHING,
        at: null,
        found: [],
        errors: [],
      },
      troubled: [],
    },
    openRollbacks: [],
  };
}

export const { report, publish, count, noteErrors, noteFound } = reporterOf<
  CheckCounts,
  CheckReport,
  CheckState
>('continuous-check', describeReport);

/** What fails for one service stops no other. */
export async function forItself(
  run: CheckRun,
  svc: string,
  work: () => Promise<void>,
): Promise<void> {
  const { stopped } = await attempt(work);
  if (stopped !== null) noteErrors(run, [`${svc}: ${stopped}`]);
}

export function keepTroubled(run: CheckRun, looks: readonly ServiceLook[]): void {
  const kept = failingFirst([...run.state.troubled, ...looks]);
  run.state = { ...run.state, troubled: kept.slice(0, MAX_TROUBLED) };
  const more = kept.length - MAX_TROUBLED;
  if (more > 0)
    noteErrors(run, [`${more} more services are not well and were looked at once only`]);
}

/** Markdown for Temporal Web UI. */
function describeReport({ counts, ...report }: CheckReport): string {
  return [
    `### What runs, checked again: ${report.outcome ?? 'under way'}`,
    `Since ${report.startedAt}${report.at === null ? '' : `, at \`${report.at}\``}`,
    countsTable({ ...counts }),
    ...bullets('Found', report.found),
    ...bullets('Could not do', report.errors),
  ].join('\n\n');
}
