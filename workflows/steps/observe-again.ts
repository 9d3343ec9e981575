import type { ReleaseRun, Serving } from './release-run';
import { isDriven, withTraffic } from './traffic-for-window';
import { passWindow, type WindowPlan } from './windows';

/** The last window that a candidate has passed, and still takes its share of the traffic after. */
export interface Watched {
  readonly window: WindowPlan;
  readonly percent: number;
  /** When it was looked at last, in ms since the epoch; null: nothing was measured. */
  lastMs: number | null;
}

export interface Observed extends Serving {
  readonly watched: Watched;
}

/** Looks closer than this tell nothing new. */
const LEAST_MS = 5_000;
/** What usually comes between the last look and the pin takes less. */
const USUAL_MS = 60_000;

function isOlderThan({ window, lastMs }: Watched, ms: number): boolean {
  return lastMs !== null && Date.now() - lastMs > Math.max(ms, window.rules.checkpointMs);
}

/** True: so much time has passed since the last look that it says nothing about this instant. */
export function isOutdated(run: ReleaseRun, watched: Watched): boolean {
  return Boolean(run.input.plan) && isOlderThan(watched, USUAL_MS);
}

/**
 * Approvals and freezes may take days, in which the candidate has its share of the traffic and nobody looks: its last window is judged
 * again, as it was. Throws GATE_FAILED when it does not pass.
 */
export async function observeAgain(run: ReleaseRun, watched: Watched): Promise<void> {
  const { window, percent } = watched;
  if (!run.input.plan || !isOlderThan(watched, LEAST_MS)) return;
  // Traffic that only scenarios make has stopped with the observation: it needs a window of its own.
  const backMs = isDriven(run, window) ? 0 : window.rules.windowMs;
  const startedAtMs = Math.max(window.startedAtMs, Date.now() - backMs);
  const again = { ...window, startedAtMs };
  // Its own stage: nobody is asked to approve meanwhile.
  await run.progress.step(window.gate, 'observed again', async () => {
    watched.lastMs = await withTraffic(run, again, percent, () => passWindow(run, again));
  });
}
