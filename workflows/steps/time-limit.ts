import { condition, sleep } from '@temporalio/workflow';
import { SYSTEM_ACTOR } from '../../src/domain/actor';
import { endRelease, type ReleaseRun } from './release-run';

const SUMMARY = { summary: 'longest time for a release' };

/** Ends the release after the longest time its policy allows. */
export function limitTime(run: ReleaseRun): void {
  const { releaseMs } = run.input.policy.timeouts;
  // A release that started before there were freezes ends as it began.
  const isOver = run.input.plan
    ? (): Promise<void> => useUp(run, releaseMs)
    : (): Promise<void> => sleep(releaseMs, SUMMARY);
  void run.scope
    .run(isOver)
    .then(() => {
      const reason = `not done within ${releaseMs} ms`;
      endRelease(run, { actor: SYSTEM_ACTOR, reason, outcome: 'failed' });
    })
    .catch(() => undefined);
}

/** Time before a frozen edge does not count: a weekend without releases must not end those that wait for Monday. */
async function useUp({ frozen }: ReleaseRun, releaseMs: number): Promise<void> {
  const startedMs = Date.now();
  for (;;) {
    await condition(() => frozen.sinceMs === null);
    const leftMs = releaseMs - (Date.now() - startedMs - frozen.totalMs);
    if (leftMs <= 0) return;
    await condition(() => frozen.sinceMs !== null, leftMs, SUMMARY);
  }
}
