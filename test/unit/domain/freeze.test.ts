import {
  askAgainInMs,
  decideEdge,
  describeFrozen,
  stretchesOf,
  type Edge,
  type EdgeInput,
  type FreezeStretch,
  type Frozen,
  type LineStop,
} from '../../../src/domain/freeze';
import { freezeOf } from '../../support/contracts/freezes';

const NOW = '2026-03-06T20:00:00.000Z';
const NOW_MS = Date.parse(NOW);
const HOUR = 3_600_000;
const PIN: Edge = { svc: 'shop', env: 'prod', edge: 'pin' };

/** Times in hours from now. */
function closed(from: number, to: number, over: Partial<FreezeStretch> = {}): FreezeStretch {
  return {
    name: 'weekend',
    scope: { svc: null, environments: ['stg', 'prod'] },
    reason: 'nobody on call',
    by: 'carol',
    fromMs: NOW_MS + from * HOUR,
    toMs: NOW_MS + to * HOUR,
    ...over,
  };
}

function stopped(over: Partial<LineStop> = {}): LineStop {
  return { svc: null, reason: 'incident', by: 'dave', at: NOW, ...over };
}

function decide(over: Partial<EdgeInput> = {}): ReturnType<typeof decideEdge> {
  return decideEdge({ edge: PIN, nowMs: NOW_MS, freezes: [], stops: [], ...over });
}

const later = (hours: number): string => new Date(NOW_MS + hours * HOUR).toISOString();

describe('decideEdge', () => {
  it('is open where nothing is closed', () => {
    expect(decide()).toEqual({ state: 'open' });
  });

  it('is frozen in a freeze, with who, why, since and until when', () => {
    expect(decide({ freezes: [closed(-2, 60)] })).toEqual({
      state: 'frozen',
      cause: 'freeze',
      name: 'weekend',
      reason: 'nobody on call',
      by: 'carol',
      since: later(-2),
      until: later(60),
    });
  });

  it.each([
    ['as it begins', closed(0, 1), 'frozen'],
    ['as it ends', closed(-1, 0), 'open'],
    ['before it', closed(1, 2), 'open'],
    [
      'of another service',
      closed(-1, 1, { scope: { svc: 'cart', environments: ['prod'] } }),
      'open',
    ],
    [
      'of this service',
      closed(-1, 1, { scope: { svc: 'shop', environments: ['prod'] } }),
      'frozen',
    ],
    [
      'of another environment',
      closed(-1, 1, { scope: { svc: null, environments: ['stg'] } }),
      'open',
    ],
  ])('with a freeze %s is decided', (_name, freeze, state) => {
    expect(decide({ freezes: [freeze] })).toMatchObject({ state });
  });

  it('opens when the last of those that overlap or touch is over', () => {
    const freezes = [
      closed(10, 12),
      closed(3, 10),
      closed(-1, 5, { name: 'first' }),
      closed(13, 14),
    ];

    expect(decide({ freezes })).toMatchObject({ name: 'first', until: later(12) });
  });

  it('is not kept closed by a freeze of another service that follows', () => {
    const other = closed(1, 9, { scope: { svc: 'cart', environments: ['prod'] } });

    expect(decide({ freezes: [closed(-1, 1), other] })).toMatchObject({ until: later(1) });
  });

  it('says the reason of the freeze that lasts longest', () => {
    const freezes = [closed(-3, 1), closed(-1, 4, { name: 'long' }), closed(-2, 2)];

    expect(decide({ freezes })).toMatchObject({ name: 'long', since: later(-1) });
  });

  it('has no end where a freeze has none', () => {
    expect(decide({ freezes: [closed(-1, Infinity)] })).toMatchObject({ until: null });
  });

  it('is frozen by a stop before any freeze, without an end', () => {
    expect(decide({ freezes: [closed(-1, 1)], stops: [stopped()] })).toEqual({
      state: 'frozen',
      cause: 'stop',
      name: null,
      reason: 'incident',
      by: 'dave',
      since: NOW,
      until: null,
    });
  });

  it.each([
    [null, 'frozen'],
    ['shop', 'frozen'],
    ['cart', 'open'],
  ])('with a stop of %s is decided', (svc, state) => {
    expect(decide({ stops: [stopped({ svc })] })).toMatchObject({ state });
  });

  it('is frozen by the older of two stops', () => {
    const stops = [stopped(), stopped({ svc: 'shop', at: later(-1), by: 'erin' })];

    expect(decide({ stops })).toMatchObject({ by: 'erin', since: later(-1) });
  });
});

describe('stretchesOf', () => {
  it('gives each stretch what people need to know', () => {
    const stretches = stretchesOf(freezeOf(), () => [{ fromMs: 1, toMs: 2 }], 0, 3);

    expect(stretches).toEqual([
      {
        fromMs: 1,
        toMs: 2,
        name: 'weekend',
        scope: { svc: null, environments: ['stg', 'prod'] },
        reason: 'nobody on call',
        by: 'carol',
      },
    ]);
  });

  it('is closed without an end where the schedule can not be read', () => {
    const freeze = freezeOf();
    const expand = (): never => {
      throw new RangeError('no such zone');
    };

    const freezes = stretchesOf(freeze, expand, NOW_MS, NOW_MS + HOUR);

    expect(decide({ freezes })).toMatchObject({
      state: 'frozen',
      since: freeze.createdAt,
      until: null,
      reason: expect.stringContaining('no such zone') as string,
    });
  });
});

function frozen(over: Partial<Frozen> = {}): Frozen {
  return {
    state: 'frozen',
    cause: 'freeze',
    name: 'weekend',
    reason: 'nobody on call',
    by: 'carol',
    since: NOW,
    until: later(60),
    ...over,
  };
}

describe('askAgainInMs', () => {
  const MINUTE = 60_000;

  it.each([
    ['at once', 0, 15_000],
    ['within the first hour', 1, 15_000],
    ['after two hours', 2, 30_000],
    ['after days', 72, 45_000],
  ])('looks at a stopped line %s', (_name, hours, expected) => {
    const state = frozen({ cause: 'stop', until: null, since: later(-hours) });

    expect(askAgainInMs(state, NOW_MS)).toBe(expected);
  });

  it('is at most 15 s in the first hour of a stop, at any clock', () => {
    const ahead = frozen({ cause: 'stop', until: null, since: later(1) });

    expect(askAgainInMs(ahead, NOW_MS)).toBe(15_000);
  });

  it.each([
    ['the end when that is near', 0.5 / 60, MINUTE / 2],
    ['45 s, so that whoever deletes it is heard within a minute', 100, 45_000],
    ['a second at least', 0, 1000],
    ['a second when it is over', -1, 1000],
  ])('waits in a freeze for %s', (_name, hoursLeft, expected) => {
    expect(askAgainInMs(frozen({ until: later(hoursLeft) }), NOW_MS)).toBeCloseTo(expected, -2);
  });
});

describe('describeFrozen', () => {
  it.each([
    [frozen(), `freeze weekend by carol, until ${later(60)}: nobody on call`],
    [
      frozen({ cause: 'stop', name: null, until: null, reason: 'incident' }),
      'the line is stopped by carol: incident',
    ],
  ])('is one sentence', (state, text) => {
    expect(describeFrozen(state)).toBe(text);
  });
});
