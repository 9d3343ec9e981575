import type { VerdictOutcome } from './verdict';

/** How long a window lasts, how often it is looked at, and how often it is extended when it can't be decided. */
export interface WindowRules {
  readonly windowMs: number;
  readonly checkpointMs: number;
  readonly maxExtensions: number | Readonly<Record<'inconclusive' | 'error', number>>;
  /**
   * Looks that end or decide something are kept in the history of the release, which may grow only so far. True: `checkpointMs` is a wish, and looks are no
   * closer than a hundredth of the window, or of the time gone by, or than a minute. Releases that started before this was known
   * go without.
   */
  readonly paced?: boolean;
}

/** Times in ms since the epoch. */
export interface WindowState {
  readonly startedAtMs: number;
  /** How often it was extended so far. */
  readonly extensions: number;
  /** By so much its ends are later than planned, as extensions had passed before an end was judged. Absent: by nothing. */
  readonly lateMs?: number;
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
  /** Measure what `rangeAt` says up to now, judge, and put the judgement in `last`. */
  | { readonly next: 'measure' }
  /** The window lasted its time without a decision: count `extensions` up and go on. */
  | { readonly next: 'extend' }
  /** It is held, and goes on: see `holdWindow`. */
  | { readonly next: 'hold' }
  | { readonly next: 'end'; readonly outcome: VerdictOutcome };

export function startWindow(nowMs: number): WindowState {
  return { startedAtMs: nowMs, extensions: 0, last: null };
}

/** With `late` an extension whose time passed before the end was judged (nothing could be measured) begins then. */
export function extendWindow(
  state: WindowState,
  late?: { readonly rules: WindowRules; readonly nowMs: number },
): WindowState {
  const extended = { ...state, extensions: state.extensions + 1 };
  if (!late) return extended;
  const lateMs = late.nowMs - windowEndMs(late.rules, state);
  return lateMs < late.rules.windowMs
    ? extended
    : { ...extended, lateMs: (state.lateMs ?? 0) + lateMs };
}

/** A held window is looked at this seldom in the end. */
const LONGEST_HOLD_MS = 300_000;

/** How long a held window waits for its next look, after so many: one checkpoint, then twice as long each time, up to 5 minutes. */
export function holdPauseMs({ windowMs, checkpointMs }: WindowRules, looks: number): number {
  const firstMs = Math.max(checkpointMs, leastPauseMs(windowMs, windowMs));
  return Math.max(firstMs, Math.min(LONGEST_HOLD_MS, firstMs * 2 ** looks));
}

/**
 * Goes on without a decision: looked at again after one checkpoint, then after twice as long each time, up to 5 minutes; and
 * wherever an extension would end.
 */
export function holdWindow(rules: WindowRules, state: WindowState, nowMs: number): WindowState {
  const { windowMs } = rules;
  const looks = state.hold?.looks ?? 0;
  const pauseMs = holdPauseMs(rules, looks);
  const passedMs = nowMs - state.startedAtMs;
  const dueMs = passedMs + pauseMs;
  const nextEndMs = (Math.floor(passedMs / windowMs) + 1) * windowMs;
  // Rarer looks than ends skip some; more frequent ones skip none.
  const endMs = pauseMs < windowMs ? nextEndMs : Math.ceil(dueMs / windowMs) * windowMs;
  const isEnd = dueMs >= nextEndMs;
  const untilMs = isEnd ? endMs : dueMs;
  return { ...state, hold: { untilMs: state.startedAtMs + untilMs, looks: looks + 1, isEnd } };
}

/** What a look covers up to its moment, in ms since the epoch, and how often that range was extended. */
export interface WindowRange {
  readonly fromMs: number;
  readonly extensions: number;
}

/**
 * What a look at `toMs` covers. A held window goes on by as many extensions as have passed, but only the newest ones are looked at, as many
 * as there could have been without the hold: a whole night of a hold would outweigh what the candidate does now.
 */
export function rangeAt(rules: WindowRules, state: WindowState, toMs: number): WindowRange {
  const { startedAtMs, extensions, hold } = state;
  if (!hold) return { fromMs: startedAtMs, extensions };
  const { windowMs } = rules;
  const most = mostExtensions(rules);
  // Looked at late, an end is still one.
  const passed = hold.isEnd
    ? (hold.untilMs - startedAtMs) / windowMs - 1
    : Math.floor((toMs - startedAtMs) / windowMs);
  return {
    fromMs: Math.max(startedAtMs, toMs - (1 + most) * windowMs),
    extensions: Math.min(passed, most),
  };
}

function mostExtensions({ maxExtensions }: WindowRules): number {
  if (typeof maxExtensions === 'number') return maxExtensions;
  return Math.max(maxExtensions.inconclusive, maxExtensions.error);
}

function windowEndMs(
  policy: WindowRules,
  { startedAtMs, extensions, lateMs = 0, hold }: WindowState,
): number {
  return hold?.untilMs ?? startedAtMs + policy.windowMs * (1 + extensions) + lateMs;
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

/** Times in ms since the epoch. */
export interface QuietLook {
  readonly dueMs: number;
  /** Where the window ends, if it goes on to pass. */
  readonly endMs: number;
}

/** The next look at a window that passes so far, when only a fail could end it there; null: what follows is for the release to decide. */
export function quietLook(rules: WindowRules, state: WindowState, nowMs: number): QuietLook | null {
  const { last, hold, startedAtMs } = state;
  if (hold || last?.outcome !== 'pass') return null;
  const dueMs = nextCheckpointMs(rules, startedAtMs, last.toMs);
  const endMs = windowEndMs(rules, state);
  return Math.max(dueMs, nowMs) < endMs ? { dueMs, endMs } : null;
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
/** However long the window is, a breach is seen this soon, */
const LONGEST_PAUSE_MS = 60_000;
/** unless that were more looks than a history can keep. */
const MOST_LOOKS_BY_MINUTE = 1_500;
/** A window too short for looks each second has a few all the same. */
const FEW_LOOKS = 4;

function leastPauseMs(windowMs: number, passedMs: number): number {
  const wholeMs = Math.max(windowMs, passedMs);
  const longestMs = Math.max(LONGEST_PAUSE_MS, wholeMs / MOST_LOOKS_BY_MINUTE);
  const share = Math.min(wholeMs / MOST_LOOKS, longestMs);
  return Math.max(1, Math.ceil(Math.max(share, Math.min(LEAST_MS, windowMs / FEW_LOOKS))));
}
