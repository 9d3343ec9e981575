import type { VerdictOutcome } from './verdict';

/** How long a window lasts, how often it is looked at, and how often it is extended when it can't be decided. */
export interface WindowRules {
  readonly windowMs: number;
  readonly checkpointMs: number;
  readonly maxExtensions: number | Readonly<Record<'inconclusive' | 'error', number>>;
}

/** Times in ms since the epoch. */
export interface WindowState {
  readonly startedAtMs: number;
  /** How often it was extended so far. */
  readonly extensions: number;
  /** The newest judgement and where its measured range ended; null before the first. */
  readonly last: { readonly outcome: VerdictOutcome; readonly toMs: number } | null;
}

export type WindowStep =
  | { readonly next: 'wait'; readonly ms: number }
  /** Measure from `startedAtMs` to now, judge, and put the judgement in `last`. */
  | { readonly next: 'measure' }
  /** The window lasted its time without a decision: count `extensions` up and go on. */
  | { readonly next: 'extend' }
  | { readonly next: 'end'; readonly outcome: VerdictOutcome };

export function startWindow(nowMs: number): WindowState {
  return { startedAtMs: nowMs, extensions: 0, last: null };
}

export function extendWindow(state: WindowState): WindowState {
  return { ...state, extensions: state.extensions + 1 };
}

function windowEndMs(policy: WindowRules, state: WindowState): number {
  return state.startedAtMs + policy.windowMs * (1 + state.extensions);
}

/**
 * What to do next with an open window. A fail ends it at once; a pass only when the judged range covers the whole
 * window. Inconclusive and error extend it, at most `maxExtensions` times, and then end it as what they are.
 * A range that ended late (a worker was away) is judged as it is.
 */
export function nextWindowStep(policy: WindowRules, state: WindowState, nowMs: number): WindowStep {
  const { last, startedAtMs } = state;
  if (last?.outcome === 'fail') {
    return { next: 'end', outcome: 'fail' };
  }
  const endMs = windowEndMs(policy, state);
  if (last && last.toMs >= endMs) {
    return closeWindow(policy, state, last.outcome);
  }
  const dueMs = Math.min(endMs, nextCheckpointMs(policy, startedAtMs, last?.toMs ?? startedAtMs));
  return nowMs >= dueMs ? { next: 'measure' } : { next: 'wait', ms: dueMs - nowMs };
}

function closeWindow(policy: WindowRules, state: WindowState, outcome: VerdictOutcome): WindowStep {
  if (outcome === 'pass' || outcome === 'fail') {
    return { next: 'end', outcome };
  }
  const { maxExtensions } = policy;
  const allowed = typeof maxExtensions === 'number' ? maxExtensions : maxExtensions[outcome];
  return state.extensions < allowed ? { next: 'extend' } : { next: 'end', outcome };
}

/** Checkpoints lie on a grid from the start, so that slow measurements don't shift the later ones. */
function nextCheckpointMs(policy: WindowRules, startedAtMs: number, afterMs: number): number {
  const step = Math.max(1, policy.checkpointMs);
  return startedAtMs + (Math.floor((afterMs - startedAtMs) / step) + 1) * step;
}
