import type { RollupSettings } from '../../src/domain/rollup/policy';
import type { RollupReport, RollupTask } from '../../src/domain/rollup/report';
import { A, B, T0 } from './contracts/ledger-builders';
import { rollupReport } from './contracts/rollups';

/** A service on an older `bases/static` that waits for its wave. */
export function rollupTask(svc: string, over: Partial<RollupTask> = {}): RollupTask {
  return {
    ...{ svc, owner: 'team-shop', digest: A, wave: 1, state: 'waiting', reason: '' },
    moves: [
      { repository: 'bases/static', from: A, fromTag: '1_20261101', to: B, toTag: '2_20261130' },
    ],
    source: { path: svc, version: '1.4.2', revision: 'abc1234' },
    ...{ releaseId: `${svc}/1.4.3-base.20261130_abc1234`, version: '1.4.3-base.20261130' },
    ...{ attempt: 0, retryAt: null, rebuilt: null, fixed: [], startedAt: null, endedAt: null },
    ...over,
  };
}

/** One wave under way, of these services. */
export function rollupOf(
  tasks: readonly RollupTask[],
  over: Partial<RollupReport> = {},
): RollupReport {
  const last = Math.max(0, ...tasks.map(({ wave }) => wave));
  const waves = Array.from({ length: last }, (_, index) => ({
    number: index + 1,
    size: tasks.filter(({ wave }) => wave === index + 1).length,
    startedAt: null,
    endedAt: null,
  }));
  return rollupReport({ tasks, waves, wave: 1, startedAt: T0, ...over });
}

export const SETTINGS: RollupSettings = {
  waves: [
    { share: 0.05, atLeast: 3 },
    { share: 0.25, atLeast: 5 },
  ],
  stopAfter: { firstWave: 2, ratio: 0.1 },
  ...{ concurrency: 3, soakMs: 0, maxDurationMs: 3_600_000 },
  ...{ unknownSource: 'skip', optOuts: 'respect' },
  ...{ lookMs: 30_000, retryMs: 60_000, maxAttempts: 3 },
};
