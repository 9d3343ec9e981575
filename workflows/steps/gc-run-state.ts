import {
  ActivityCancellationType,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  type ActivityInterfaceFor,
  type CancellationScope,
} from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { GcRunInput, GcRunOutcome, GcRunReport } from '../../src/contract/gc-run-messages';
import { bullets, countsTable } from './report';
import { SEARCH_KEYS } from './search-keys';

const RETRY = { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 30_000 } as const;
/** The turn has to be given back: a database that is away for days is waited for. */
const WEEK_MS = 7 * 86_400_000;

export interface GcRun {
  readonly input: GcRunInput;
  readonly slices: ActivityInterfaceFor<Activities>;
  readonly records: ActivityInterfaceFor<Activities>;
  /** Of the slice under way. */
  scope: CancellationScope | null;
  /** Why somebody cancelled it. */
  cancelled: string | null;
  /** The record of the plan; replaced, never changed in place. */
  state: GcRunReport;
}

export function createGcRun(input: GcRunInput): GcRun {
  const { patienceMs } = input.settings;
  return {
    input,
    // Cancelled, it ends after the item that is under way, and tells what it did.
    slices: proxyActivities<Activities>({
      startToCloseTimeout: 3_600_000,
      heartbeatTimeout: 15_000,
      scheduleToCloseTimeout: 3_600_000 + patienceMs,
      retry: RETRY,
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    }),
    records: proxyActivities<Activities>({
      startToCloseTimeout: 20_000,
      scheduleToCloseTimeout: WEEK_MS,
      retry: RETRY,
    }),
    scope: null,
    cancelled: null,
    state: input.state ?? begin(input.planId),
  };
}

function begin(planId: string): GcRunReport {
  return {
    planId,
    startedAt: new Date().toISOString(),
    ...{ endedAt: null, outcome: null, reason: null, paused: false },
    counts: { deleted: 0, skipped: 0, failed: 0, bytes: 0 },
    ...{ items: 0, next: 0, skips: {}, errors: [] },
  };
}

export function change(run: GcRun, over: Partial<GcRunReport>): void {
  run.state = { ...run.state, ...over };
  setCurrentDetails(describe(run.state));
}

export function publish(outcome: GcRunOutcome | null): void {
  upsertSearchAttributes([
    { key: SEARCH_KEYS.stage, value: 'gc-run' },
    { key: SEARCH_KEYS.verdict, value: outcome },
  ]);
}

/** Markdown for Temporal Web UI. */
function describe({ planId, counts, items, next, ...one }: GcRunReport): string {
  const phase = one.outcome ?? (one.paused ? 'paused' : 'under way');
  return [
    `### ${planId}: ${phase}`,
    one.reason ?? `Item ${next} of ${items}, since ${one.startedAt}`,
    ...(one.reclaim === undefined ? [] : [one.reclaim]),
    countsTable({ ...counts }),
    ...bullets(
      'Kept after all',
      Object.entries(one.skips).map(([rule, count]) => `${rule}: ${count}`),
    ),
    ...bullets('Failed', one.errors),
  ].join('\n\n');
}
