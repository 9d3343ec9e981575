import { sleep } from '@temporalio/workflow';
import { askAgainInMs, describeFrozen, type Edge, type EdgeState } from '../../src/domain/freeze';
import type { ReleaseRun } from './release-run';

function ask(run: ReleaseRun, edge: Omit<Edge, 'svc'>): Promise<EdgeState> {
  return run.proxies.quick.edgeState.executeWithOptions(
    { summary: `${edge.env} ${edge.edge}: frozen?` },
    [{ svc: run.input.service.svc, ...edge }],
  );
}

/**
 * Waits before an irreversible step for as long as a freeze covers it or the line is stopped. Aborting ends the wait;
 * compensation and rollback pass no edge.
 */
export async function passEdge(run: ReleaseRun, edge: Omit<Edge, 'svc'>): Promise<void> {
  // A release that started before there were freezes ends as it began.
  if (!run.input.plan) return;
  let state = await ask(run, edge);
  if (state.state === 'open') return;
  const what = `${edge.env} ${edge.edge}`;
  await run.progress.step(run.progress.status().stage, `freeze: ${what}`, async () => {
    let told = '';
    while (state.state === 'frozen') {
      const why = describeFrozen(state);
      if (why !== told) run.progress.note(`Waits before ${what}: ${why}`);
      told = why;
      await sleep(askAgainInMs(state, Date.now()), { summary: `frozen: ${what}` });
      state = await ask(run, edge);
    }
  });
}
