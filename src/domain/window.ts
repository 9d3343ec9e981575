import type { VerdictOutcome } from './verdict';

/** How long a window lasts, how often it is looked at, and how often it is extended when it can't be decided. */
export interface WindowRules {
  readonly windowMs: number;
  readonly checkpointMs: number;
  readonly maxExtensions: number | Readonly<Record<'inconclusive' | 'error', number>>;
  /**
   * Each look is kept in the history of the release, which may grow only so far. True: `checkpointMs` is a wish, and looks are no
   * closer than a hundredth of the window, or of the time gone by. Releases that started before this was known go without.
   */
  readonly paced?: boolean;
}

/** Times in ms since the epoch. */
export interface WindowState {
  readonly startedAtMs: number;
  /** How often it was extended so far. */
  readonly extensions: number;
  /** The newest judgement and where its measured range ended; null before the first. */
  readonly last: { readonly outcome: VerdictOutcome; readonly toMs: number } | null;
  /** It is over without a decision and waits for one. Absent: it is not held. */
  readonly hold?: Hold;
}

interface Hold {
  /** When it is looked at again. */
  readonly untilMs: number;
  readonly looks: number;
  /** As at the end of an extension: only there a pass ends it. A look before may show that it fails. */
  readonly isEnd: boolean;
}

export type WindowStep =
  | { readonly next: 'wait'; readonly ms: number }
  /** Measure from `startedAtMs` to now, judge, and put the judgement in `last`. */
  | { readonly next: 'measure' }
  /** The window lasted its time without a decision: count `extensions` up and go on. */
  | { readonly next: 'extend' }
  /** It is held, and goes on: see `holdWindow`. */
  | { readonly next: 'hold' }
  | { readonly next: 'end'; readonly outcome: VerdictOutcome };

export function startWindow(nowMs: number): WindowState {
  return { startedAtMs: nowMs, extensions: 0, last: null };
}

export function extendWindow(state: WindowState): WindowState {
  return { ...state, extensions: state.extensions + 1 };
}

/** A held window is looked at this seldom in the end. */
const LONGEST_HOLD_MS = 300_000;

/**
 * Goes on without a decision: looked at again after one checkpoint, then after twice as long each time, up to 5 minutes; and
 * wherever an extension would end.
 */
export function holdWindow(rules: WindowRules, state: WindowState, nowMs: number): WindowState {
  const { windowMs, checkpointMs } = rules;
  const looks = state.hold?.looks ?? 0;
  const firstMs = Math.max(checkpointMs, leastPauseMs(windowMs, windowMs));
  const pauseMs = Math.max(firstMs, Math.min(LONGEST_HOLD_MS, firstMs * 2 ** looks));
  const passedMs = nowMs - state.startedAtMs;
  const dueMs = passedMs + pauseMs;
  const nextEndMs = (Math.floor(passedMs / windowMs) + 1) * windowMs;
  // Rarer looks than ends skip some; more frequent ones skip none.
  const endMs = pauseMs < windowMs ? nextEndMs : Math.ceil(dueMs / windowMs) * windowMs;
  const isEnd = dueMs >= nextEndMs;
  const untilMs = isEnd ? endMs : dueMs;
  return { ...state, hold: { untilMs: state.startedAtMs + untilMs, looks: looks + 1, isEnd } };
}

/** How many extensions a look at `toMs` belongs to; a held window goes on by as many as have passed. */
export function extensionsAt(
  { windowMs }: WindowRules,
  { startedAtMs, extensions, hold }: WindowState,
  toMs: number,
): number {
  if (!hold) return extensions;
  // Looked at late, an end is still one.
  return hold.isEnd
    ? (hold.untilMs - startedAtMs) / windowMs - 1
    : Math.floor((toMs - startedAtMs) / windowMs);
}

function windowEndMs(policy: WindowRules, { startedAtMs, extensions, hold }: WindowState): number {
  return hold?.untilMs ?? startedAtMs + policy.windowMs * (1 + extensions);
}

/**
 * What to do next with an open window. A fail ends it at once; a pass only when the judged range covers the whole
 * window. Inconclusive and error extend it, at most `maxExtensions` times, and then end it as what they are.
 * A range that ended late (a worker was away) is judged as it is. A held window ends with the
 * first fail, or as what it is where an extension would end.
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
  const nextMs = nextCheckpointMs(policy, startedAtMs, last?.toMs ?? startedAtMs);
  const dueMs = state.hold ? endMs : Math.min(endMs, nextMs);
  return nowMs >= dueMs ? { next: 'measure' } : { next: 'wait', ms: dueMs - nowMs };
}

function closeWindow(policy: WindowRules, state: WindowState, outcome: VerdictOutcome): WindowStep {
  if (state.hold) {
    return state.hold.isEnd ? { next: 'end', outcome } : { next: 'hold' };
  }
  if (outcome === 'pass' || outcome === 'fail') {
    return { next: 'end', outcome };
  }
  const { maxExtensions } = policy;
  const allowed = typeof maxExtensions === 'number' ? maxExtensions : maxExtensions[outcome];
  return state.extensions < allowed ? { next: 'extend' } : { next: 'end', outcome };
}

/** Checkpoints lie on a grid from the start, so that slow measurements don't shift the later ones. */
function nextCheckpointMs(policy: WindowRules, startedAtMs: number, afterMs: number): number {
  const { windowMs, checkpointMs, paced = false } = policy;
  const leastMs = paced ? leastPauseMs(windowMs, afterMs - startedAtMs) : 1;
  if (leastMs > checkpointMs && paced) return afterMs + leastMs;
  const step = Math.max(1, checkpointMs);
  return startedAtMs + (Math.floor((afterMs - startedAtMs) / step) + 1) * step;
}

/** Parts that a window is cut into at most. */
const MOST_LOOKS = 100;
const LEAST_MS = 1_000;
/** A window too short for looks each second has a few all the same. */
const FEW_LOOKS = 4;

function leastPauseMs(windowMs: number, passedMs: number): number {
  const share = Math.max(windowMs, passedMs) / MOST_LOOKS;
  return Math.max(1, Math.ceil(Math.max(share, Math.min(LEAST_MS, windowMs / FEW_LOOKS))));
}
