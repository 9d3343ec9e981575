import type { RollupInput } from '../../../src/contract/rollup-messages';
import { ReleaseError } from '../../../src/contract/errors';
import type { RollupReport } from '../../../src/domain/rollup/report';
import type { RollupRuns } from '../../../src/orchestrator/rollups';
import type { ScheduleState } from '../../../src/orchestrator/scheduled-runs';

export interface FakeRollupRuns extends RollupRuns {
  /** What runs, by id; a test changes it. */
  readonly running: Map<string, RollupReport>;
  readonly started: RollupInput[];
  readonly asked: { plan: RollupReport | null; schedule: ScheduleState };
}

/** Rollups that stay as they are. */
export function createFakeRollupRuns(): FakeRollupRuns {
  const running = new Map<string, RollupReport>();
  const started: RollupInput[] = [];
  const asked: FakeRollupRuns['asked'] = {
    plan: null,
    schedule: { schedule: null, running: null, last: null },
  };
  return {
    running,
    started,
    asked,
    start: (input) => {
      const isNew = !started.some(({ id }) => id === input.id);
      if (isNew) started.push(input);
      return Promise.resolve({ started: isNew });
    },
    plan: (input) => {
      started.push({ ...input, dryRun: true });
      if (asked.plan) return Promise.resolve(asked.plan);
      return Promise.reject(new ReleaseError('TIMED_OUT', 'no worker plans'));
    },
    get: (id) => Promise.resolve(running.get(id) ?? null),
    order: (id, order, { by, reason }) => {
      const report = running.get(id);
      if (!report) return Promise.reject(new ReleaseError('ROLLUP_NOT_FOUND', `no ${id}`));
      const said = `${order} by ${by}: ${reason}`;
      const next: RollupReport = {
        ...report,
        paused: order === 'pause',
        stopped: order === 'cancel' ? 'cancelled' : report.stopped,
        reason: order === 'resume' ? null : said,
      };
      running.set(id, next);
      return Promise.resolve(next);
    },
    schedule: () => Promise.resolve(asked.schedule),
  };
}
