import type { WindowPolicy } from '../../../src/domain/policy';
import type { VerdictOutcome } from '../../../src/domain/verdict';
import {
  extendWindow,
  nextWindowStep,
  startWindow,
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
