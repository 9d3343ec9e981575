import {
  ActivityCancellationType,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { Activities } from '../../activities';
import { rollupIdOf } from '../../src/contract/ids';
import type { RollupInput } from '../../src/contract/rollup-messages';
import { describeRollup } from '../../src/domain/rollup/describe';
import type { RollupOutcome, RollupReport, RollupTask } from '../../src/domain/rollup/report';
import { SEARCH_KEYS } from './search-keys';

const RETRY = { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 30_000 } as const;
const QUICK_MS = 120_000;
/** Vendors may be slow, and bases large. */
const IMPORT_MS = 3_600_000;
const NOTE_MS = 30_000;
/** A database or a Temporal that is away for so long: the rollup stops, and says so. */
const PATIENCE_MS = 24 * 3_600_000;
/** The server's own limit for what the Web UI shows is 20,000. */
const MAX_DETAILS = 12_000;

export interface RollupRun {
  readonly input: RollupInput;
  readonly quick: ActivityInterfaceFor<Activities>;
  readonly imports: ActivityInterfaceFor<Activities>;
  /** Nothing waits long for who takes notes: the report says the same. */
  readonly notes: ActivityInterfaceFor<Activities>;
  /** The end of a rebuild was told, or a person said something: look again. */
  nudged: boolean;
  /** Replaced, never changed in place. */
  report: RollupReport;
}

export function createRollupRun(input: RollupInput): RollupRun {
  const common = {
    heartbeatTimeout: 15_000,
    retry: RETRY,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  } as const;
  return {
    input,
    quick: proxyActivities<Activities>({
      ...common,
      startToCloseTimeout: QUICK_MS,
      scheduleToCloseTimeout: PATIENCE_MS,
    }),
    imports: proxyActivities<Activities>({
      ...common,
      startToCloseTimeout: IMPORT_MS,
      scheduleToCloseTimeout: 2 * IMPORT_MS,
    }),
    notes: proxyActivities<Activities>({
      ...common,
      startToCloseTimeout: NOTE_MS,
      scheduleToCloseTimeout: 10 * NOTE_MS,
    }),
    nudged: false,
    report: input.state ?? begin(input),
  };
}

export const nowIso = (): string => new Date().toISOString();

function begin({ id, cause }: RollupInput): RollupReport {
  return {
    id: id ?? rollupIdOf(workflowInfo().workflowId),
    cause,
    startedAt: nowIso(),
    ...{ endedAt: null, outcome: null, reason: null, paused: false, stopped: null },
    ...{ wave: 0, soakUntil: null, waves: [], current: 0, tasks: [], notes: [] },
  };
}

export function change(run: RollupRun, over: Partial<RollupReport>): void {
  run.report = { ...run.report, ...over };
  setCurrentDetails(describeRollup(run.report).slice(0, MAX_DETAILS));
}

/** Of the tasks, those that `edit` gives something for. */
export function changeTasks(
  run: RollupRun,
  edit: (task: RollupTask) => Partial<RollupTask> | null,
): void {
  const tasks = run.report.tasks.map((task) => {
    const over = edit(task);
    return over ? { ...task, ...over } : task;
  });
  change(run, { tasks });
}

export function publish(outcome: RollupOutcome | null): void {
  upsertSearchAttributes([
    { key: SEARCH_KEYS.stage, value: 'rollup' },
    { key: SEARCH_KEYS.verdict, value: outcome },
  ]);
}

export async function save(run: RollupRun): Promise<void> {
  const { report } = run;
  await run.quick.saveRollup.executeWithOptions({ summary: `report of ${report.id}` }, [
    { report },
  ]);
}
