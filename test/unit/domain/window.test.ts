import type { WindowPolicy } from '../../../src/domain/policy';
import type { VerdictOutcome } from '../../../src/domain/verdict';
import {
  extendWindow,
  holdWindow,
  nextWindowStep,
  quietLook,
  rangeAt,
  startWindow,
  type WindowRules,
  type WindowState,
  type WindowStep,
} from '../../../src/domain/window';

const policy: WindowPolicy = { windowMs: 1_000, checkpointMs: 300, maxExtensions: 2 };

function state(change: Partial<WindowState> = {}): WindowState {
  return { ...startWindow(0), ...change };
}

const judged = (outcome: VerdictOutcome, toMs: number): Partial<WindowState> => ({
  last: { outcome, toMs },
});

describe('nextWindowStep', () => {
  it.each<[string, WindowState, number, WindowStep]>([
    ['waits for the first checkpoint', state(), 100, { next: 'wait', ms: 200 }],
    ['measures at a checkpoint', state(), 300, { next: 'measure' }],
    ['waits for the next on the grid', state(judged('pass', 350)), 360, { next: 'wait', ms: 240 }],
    ['cuts the last wait at the end', state(judged('pass', 900)), 950, { next: 'wait', ms: 50 }],
    ['measures a late window once', state(judged('pass', 300)), 9_999, { next: 'measure' }],
    ['ends on a fail at once', state(judged('fail', 300)), 301, { next: 'end', outcome: 'fail' }],
    [
      'ends on a pass of it all',
      state(judged('pass', 1_000)),
      1_001,
      { next: 'end', outcome: 'pass' },
    ],
    ['goes on after an early pass', state(judged('pass', 999)), 1_000, { next: 'measure' }],
    [
      'extends what is inconclusive',
      state(judged('inconclusive', 1_000)),
      1_000,
      { next: 'extend' },
    ],
    [
      'extends what could not be measured',
      state(judged('error', 1_000)),
      1_000,
      { next: 'extend' },
    ],
    [
      'goes on after an extension',
      extendWindow(state(judged('inconclusive', 1_000))),
      1_000,
      { next: 'wait', ms: 200 },
    ],
    [
      'gives up after the last extension',
      state({ extensions: 2, ...judged('inconclusive', 3_000) }),
      3_000,
      { next: 'end', outcome: 'inconclusive' },
    ],
    [
      'never turns an error into a pass',
      state({ extensions: 2, ...judged('error', 3_000) }),
      3_000,
      { next: 'end', outcome: 'error' },
    ],
  ])('%s', (_name, window, now, expected) => {
    expect(nextWindowStep(policy, window, now)).toEqual(expected);
  });

  it('looks at an hour-long window no more often than its checkpoints', () => {
    const long: WindowPolicy = { windowMs: 900_000, checkpointMs: 60_000, maxExtensions: 0 };
    let window = startWindow(5_000);
    let now = 5_000;
    let measured = 0;

    for (let step = nextWindowStep(long, window, now); step.next !== 'end';) {
      if (step.next === 'wait') {
        now += step.ms;
      } else {
        measured += 1;
        window = { ...window, last: { outcome: 'pass', toMs: now } };
      }
      step = nextWindowStep(long, window, now);
    }

    expect(measured).toBe(15);
    expect(now).toBe(905_000);
  });

  it('ends even with a checkpoint of 0 ms and a window of 0 ms', () => {
    const zero: WindowPolicy = { windowMs: 0, checkpointMs: 0, maxExtensions: 0 };

    expect(nextWindowStep(zero, startWindow(0), 0)).toEqual({ next: 'measure' });
    expect(nextWindowStep(zero, state(judged('pass', 0)), 0)).toEqual({
      next: 'end',
      outcome: 'pass',
    });
  });
});

const MINUTE = 60_000;

interface Played {
  readonly looks: number;
  readonly pausesMs: readonly number[];
  readonly endedMs: number;
}

/** Plays a window that is judged as `outcome` at each look, held for as long as `holdMs` where it can't be decided. */
function play(rules: WindowRules, outcome: VerdictOutcome, holdMs = 0): Played {
  let window = startWindow(0);
  let now = 0;
  let looks = 0;
  const pausesMs: number[] = [];
  for (;;) {
    const step = nextWindowStep(rules, window, now);
    if (step.next === 'wait') {
      pausesMs.push(step.ms);
      now += step.ms;
    } else if (step.next === 'measure') {
      looks += 1;
      window = { ...window, last: { outcome, toMs: now } };
    } else if (step.next === 'extend') {
      window = extendWindow(window);
    } else if (step.next === 'hold' || now < holdMs) {
      window = holdWindow(rules, window, now);
    } else {
      return { looks, pausesMs, endedMs: now };
    }
  }
}

describe('quietLook', () => {
  it.each([
    ['is the next checkpoint of what passes', state(judged('pass', 310)), 310, 600],
    ['is due already when it is late', state(judged('pass', 310)), 700, 600],
    ['goes on in an extension', state({ extensions: 1, ...judged('pass', 1_100) }), 1_100, 1_200],
  ])('%s', (_what, open, nowMs, dueMs) => {
    expect(quietLook(policy, open, nowMs)?.dueMs).toBe(dueMs);
  });

  it.each([
    ['before the first look', state(), 100],
    ['of what could not be decided', state(judged('inconclusive', 310)), 310],
    ['of what failed', state(judged('fail', 310)), 310],
    ['where the end comes next', state(judged('pass', 910)), 910],
    ['when the end has passed meanwhile', state(judged('pass', 310)), 1_000],
    ['of a held window', holdWindow(policy, state(judged('pass', 1_000)), 1_000), 1_010],
  ])('there is none %s', (_what, open, nowMs) => {
    expect(quietLook(policy, open, nowMs)).toBeNull();
  });
});

describe('a paced window', () => {
  it.each([
    ['a checkpoint of 1 ms in 5 minutes', 1, 5 * MINUTE, 3_000, 100],
    ['a checkpoint of 1 ms in a second', 1, 1_000, 250, 4],
    ['a checkpoint of 1 ms in 1 ms', 1, 1, 1, 1],
    ['a checkpoint of 100 ms in 20 s', 100, 20_000, 1_000, 20],
    ['the checkpoint of the standard, as it is', 15_000, 5 * MINUTE, 15_000, 20],
  ])('looks no closer than it is worth: %s', (_name, checkpointMs, windowMs, pauseMs, looks) => {
    const played = play({ windowMs, checkpointMs, maxExtensions: 0, paced: true }, 'pass');

    expect(Math.min(...played.pausesMs)).toBe(pauseMs);
    expect(played).toMatchObject({ looks, endedMs: windowMs });
  });

  it('is looked at less often the more often it is extended', () => {
    const rules = { windowMs: 5 * MINUTE, checkpointMs: 1, maxExtensions: 100, paced: true };

    const played = play(rules, 'inconclusive');

    expect(played.endedMs).toBe(101 * 5 * MINUTE);
    expect(played.looks).toBeLessThan(850);
  });

  it('is looked at each minute though it lasts for a day', () => {
    const rules = {
      windowMs: 24 * 60 * MINUTE,
      checkpointMs: 15_000,
      maxExtensions: 0,
      paced: true,
    };

    const played = play(rules, 'pass');

    expect(Math.max(...played.pausesMs)).toBe(MINUTE);
    expect(played.looks).toBe(1_440);
  });

  it('is looked at less often than that before it fills a history', () => {
    const rules = {
      windowMs: 7 * 24 * 60 * MINUTE,
      checkpointMs: 1,
      maxExtensions: 0,
      paced: true,
    };

    expect(play(rules, 'pass').looks).toBeLessThanOrEqual(1_500);
  });

  it.each([
    ['given later when its time had passed', 2_500, 3_500],
    ['given as planned when an end was judged a little late', 1_900, 2_000],
  ])('has an extension %s', (_name, nowMs, endMs) => {
    const extended = extendWindow(state(judged('error', nowMs)), { rules: policy, nowMs });

    expect(nextWindowStep({ ...policy, checkpointMs: 9_999 }, extended, nowMs)).toEqual({
      next: 'wait',
      ms: endMs - nowMs,
    });
  });

  it('keeps its checkpoints where nothing paces it', () => {
    const rules = { windowMs: MINUTE, checkpointMs: 100, maxExtensions: 0 };

    expect(play(rules, 'pass').looks).toBe(600);
  });
});

describe('a held window', () => {
  const rules = { windowMs: 15 * MINUTE, checkpointMs: 30_000, maxExtensions: 0, paced: true };
  const seconds = (times: readonly number[]): readonly number[] => times.map((s) => s * 1000);

  it('is looked at less and less often, and wherever an extension would end', () => {
    const { pausesMs } = play(rules, 'inconclusive', 45 * MINUTE);

    const held = pausesMs.slice(30);
    expect(held.slice(0, 6)).toEqual(seconds([30, 60, 120, 240, 300, 150]));
    expect(held.slice(6)).toEqual(seconds([300, 300, 300]));
  });

  it('does not fill a history in a month', () => {
    const tiny = { ...rules, windowMs: 1, checkpointMs: 1 };

    const played = play(tiny, 'error', 30 * 24 * 60 * MINUTE);

    expect(played.looks).toBeLessThan(9_000);
  });

  it('keeps a checkpoint of more than 5 minutes', () => {
    const slow = { ...rules, windowMs: 20 * MINUTE, checkpointMs: 10 * MINUTE };

    const { pausesMs } = play(slow, 'inconclusive', 60 * MINUTE);

    expect(new Set(pausesMs)).toEqual(new Set([10 * MINUTE]));
  });

  it('passes where an extension would end, and fails at any look', () => {
    const over = state(judged('inconclusive', 15 * MINUTE));
    const early = holdWindow(rules, over, 15 * MINUTE);
    const late = holdWindow(rules, { ...over, hold: { ...early.hold!, looks: 9 } }, 28 * MINUTE);
    const look = (window: WindowState, outcome: VerdictOutcome, toMs: number): WindowStep =>
      nextWindowStep(rules, { ...window, ...judged(outcome, toMs) }, toMs);

    expect(nextWindowStep(rules, early, 15 * MINUTE + 1)).toEqual({ next: 'wait', ms: 29_999 });
    expect(look(early, 'pass', 15.5 * MINUTE)).toEqual({ next: 'hold' });
    expect(look(early, 'fail', 15.5 * MINUTE)).toEqual({ next: 'end', outcome: 'fail' });
    expect(late.hold).toMatchObject({ untilMs: 30 * MINUTE, isEnd: true });
    expect(look(late, 'pass', 30 * MINUTE + 20)).toEqual({ next: 'end', outcome: 'pass' });
    expect(look(late, 'error', 30 * MINUTE + 20)).toEqual({ next: 'end', outcome: 'error' });
  });

  it.each([
    ['before the end of the first extension', false, 22 * MINUTE, 1],
    ['at the end of the second, looked at late', true, 61 * MINUTE, 2],
  ])('counts the extensions that have passed: %s', (_name, isEnd, toMs, count) => {
    const window = { ...state(), hold: { untilMs: 45 * MINUTE, looks: 3, isEnd } };

    expect(rangeAt({ ...rules, maxExtensions: 5 }, window, toMs)).toEqual({
      fromMs: 0,
      extensions: count,
    });
  });

  it('looks at the newest windows only, as many as there are without a hold', () => {
    const two = { ...rules, maxExtensions: { inconclusive: 1, error: 2 } };
    const night = 10 * 60 * MINUTE;
    const window = { ...state(), hold: { untilMs: night, looks: 99, isEnd: true } };

    expect(rangeAt(two, window, night)).toEqual({ fromMs: night - 45 * MINUTE, extensions: 2 });
    expect(rangeAt(two, state({ extensions: 1 }), night)).toEqual({ fromMs: 0, extensions: 1 });
  });
});
