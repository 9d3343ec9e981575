import { ReleaseError } from '../../../src/contract/errors';
import type { GcRunOrder, GcRunReport } from '../../../src/contract/gc-run-messages';
import type { GcOrder, GcRuns } from '../../../src/orchestrator/gc-runs';

export interface FakeGcRuns extends GcRuns {
  /** Replaced by tests. */
  readonly runs: Map<string, GcRunReport>;
  readonly orders: { readonly plan: string; readonly order: GcOrder; readonly by: GcRunOrder }[];
}

export function runReport(planId: string, over: Partial<GcRunReport> = {}): GcRunReport {
  return {
    planId,
    startedAt: '2026-01-01T00:00:00.000Z',
    ...{ endedAt: null, outcome: null, reason: null, paused: false },
    counts: { deleted: 0, skipped: 0, failed: 0, bytes: 0 },
    ...{ items: 3, next: 0, skips: {}, errors: [] },
    ...over,
  };
}

/** Runs as Temporal would show them. */
export function createFakeGcRuns(): FakeGcRuns {
  const runs = new Map<string, GcRunReport>();
  const orders: FakeGcRuns['orders'] = [];
  let reclaiming = false;
  return {
    runs,
    orders,
    getRun: (planId) => Promise.resolve(runs.get(planId) ?? null),
    order: (plan, order, by) => {
      const run = runs.get(plan);
      if (!run) {
        return Promise.reject(new ReleaseError('RUN_NOT_FOUND', `no run of ${plan} is under way`));
      }
      orders.push({ plan, order, by });
      return Promise.resolve({ ...run, paused: order === 'pause', reason: by.reason });
    },
    restore: ({ repository, digest }) =>
      Promise.resolve({ repository, restored: [digest], tags: ['1.0.0'], tagsTaken: [] }),
    startReclaim: () => {
      const started = !reclaiming;
      reclaiming = true;
      return Promise.resolve({ started });
    },
    cancelReclaim: () => {
      const stopped = reclaiming;
      reclaiming = false;
      return Promise.resolve(stopped);
    },
    getReclaim: () => Promise.resolve({ running: reclaiming, report: null }),
  };
}
