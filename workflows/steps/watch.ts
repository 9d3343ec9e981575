import type { Watched, WatchWindowInput } from '../../activities/watch-window';
import type { Verdict } from '../../src/domain/verdict';
import { rangeAt, type WindowState } from '../../src/domain/window';
import { ranOutOfTime, requirePass } from './failure';
import { measurementOf } from './look';
import { inOwnScope } from './own-scope';
import { watchActivities } from './proxies';
import type { ReleaseRun } from './release-run';
import type { WindowPlan } from './windows';

/** Beside the window: for a worker that is away at its end. */
const AWAY_MS = 60_000;
/** Then the release looks itself: an activity whose attempts end without an answer says so to nobody. */
const LONGEST_MS = 900_000;
/** So many looks it should take at least. */
const LOOKS = 10;

/** A look that was answered, as it was judged. */
export interface Answered {
  readonly verdict: Verdict;
  /** Where it ended, in ms since the epoch. */
  readonly toMs: number;
}

/**
 * Has a window that passes watched until there is something to decide. Null: a look was not answered, and the release has to look itself.
 * Throws GATE_FAILED when the digest no longer runs or is no longer split as it was left.
 */
export async function watch(
  run: ReleaseRun,
  plan: WindowPlan,
  state: WindowState,
  endMs: number,
): Promise<Answered | null> {
  const { gate, subject, rules, served } = plan;
  if (!served) return null;
  const { epoch } = run.input;
  const { extensions } = rangeAt(rules, state, Date.now());
  const measurement = measurementOf(run, plan, extensions);
  const input: WatchWindowInput = { ...measurement, state, rules, served: { epoch, ...served } };
  const longestMs = Math.max(LONGEST_MS, LOOKS * rules.checkpointMs);
  const forMs = Math.min(endMs - Date.now() + AWAY_MS, longestMs);
  try {
    const seen = await inOwnScope(
      () =>
        watchActivities(forMs).watchWindow.executeWithOptions(
          { summary: `${gate} ${subject}: watched` },
          [input],
        ),
      () => true,
    );
    return answered(run, seen);
  } catch (error) {
    if (!ranOutOfTime(error)) throw error;
    return null;
  }
}

function answered(run: ReleaseRun, { measured, rollout, toMs }: Watched): Answered | null {
  if (measured) run.progress.record(measured);
  if (rollout?.outcome === 'fail') {
    run.progress.record(rollout);
    requirePass(rollout);
  }
  // A regression is not kept by a rollout target that does not answer; a pass is.
  if (!measured || (!rollout && measured.outcome !== 'fail')) return null;
  // A worker whose clock is ahead must not end a window.
  return { verdict: measured, toMs: Math.min(toMs, Date.now()) };
}
