import fc from 'fast-check';
import {
  beginRollback,
  decideSubmit,
  dropQueued,
  endRollback,
  endRunning,
  nextToStart,
  openLane,
  placeOf,
  startNext,
  type LaneRequest,
  type LaneState,
} from '../../../src/domain/lane';

interface Request extends LaneRequest {
  readonly number: number;
}

function request(number: number, supersede: 'pending' | 'never' = 'never', maxQueued = 3): Request {
  return {
    number,
    releaseId: `shop/${number}`,
    requestedBy: { subject: 'rita', roles: [] },
    requestedAt: '2026-03-01T12:00:00Z',
    policy: { lane: { maxQueued, supersede } },
  };
}

function submit(state: LaneState<Request>, one: Request): LaneState<Request> {
  const decision = decideSubmit(state, one);
  return decision.kind === 'queued' ? decision.state : state;
}

const HOLD = { by: 'olga', reason: 'freeze', at: '2026-03-01T12:00:00Z' };

type Step =
  | { readonly do: 'submit'; readonly number: number; readonly supersede: 'pending' | 'never' }
  | { readonly do: 'start' | 'end' | 'hold' | 'resume' | 'rollback' | 'rolledBack' }
  | { readonly do: 'drop'; readonly number: number };

const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('submit' as const),
      number: fc.nat(30),
      supersede: fc.constantFrom('pending' as const, 'never' as const),
    }),
    fc.record({
      do: fc.constantFrom('start', 'end', 'hold', 'resume', 'rollback', 'rolledBack' as const),
    }),
    fc.record({ do: fc.constant('drop' as const), number: fc.nat(30) }),
  ),
  { maxLength: 60 },
);

function apply(state: LaneState<Request>, step: Step): LaneState<Request> {
  switch (step.do) {
    case 'submit':
      return submit(state, request(step.number, step.supersede));
    case 'start':
      return startNext(state);
    case 'end':
      return endRunning(state, state.running?.releaseId ?? '');
    case 'hold':
      return { ...state, hold: HOLD };
    case 'resume':
      return { ...state, hold: null };
    case 'rollback':
      return beginRollback(state, 1);
    case 'rolledBack':
      return endRollback(state, null);
    case 'drop':
      return dropQueued(state, `shop/${step.number}`).state;
  }
}

const idsOf = (state: LaneState<Request>): string[] => [
  ...(state.running ? [state.running.releaseId] : []),
  ...state.queue.map((one) => one.releaseId),
];

describe('lane, whatever happens to it', () => {
  it('holds each release once, and no more than its bound', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let state = openLane<Request>('shop');
        for (const step of all) {
          state = apply(state, step);
          expect(new Set(idsOf(state)).size).toBe(idsOf(state).length);
          expect(state.queue.length).toBeLessThanOrEqual(3);
        }
      }),
    );
  });

  it('never starts a second release, nor any while held or during a rollback', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let state = openLane<Request>('shop');
        for (const step of all) {
          const before = state;
          state = apply(state, step);
          const started = state.started > before.started;
          const blocked = before.running ?? before.hold ?? before.rollback;
          expect(started && blocked !== null).toBe(false);
        }
      }),
    );
  });

  it('starts what waits in the order it came', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let state = openLane<Request>('shop');
        for (const step of all) {
          const head = state.queue[0]?.releaseId;
          const before = state.started;
          state = apply(state, step);
          if (state.started > before) expect(state.running?.releaseId).toBe(head);
        }
      }),
    );
  });
});

describe('decideSubmit', () => {
  it('gives the place in the lane', () => {
    const running = startNext(submit(openLane<Request>('shop'), request(1)));

    expect(decideSubmit(openLane<Request>('shop'), request(1))).toMatchObject({ place: 1 });
    expect(decideSubmit(running, request(2))).toMatchObject({ kind: 'queued', place: 2 });
    expect(decideSubmit(running, request(1))).toEqual({ kind: 'known', place: 1 });
  });

  it('drops everything that waits when the newer one supersedes', () => {
    const running = startNext(submit(openLane<Request>('shop'), request(1)));
    const waiting = submit(submit(running, request(2)), request(3));

    const decision = decideSubmit(waiting, request(4, 'pending'));

    expect(decision).toMatchObject({ kind: 'queued', place: 2 });
    expect(decision.kind === 'queued' && decision.superseded.map((one) => one.number)).toEqual([
      2, 3,
    ]);
  });

  it.each([
    ['LANE_FULL', submit(openLane<Request>('shop'), request(1, 'never', 1)), 'waiting'],
    ['LANE_HELD', { ...openLane<Request>('shop'), hold: HOLD }, 'freeze'],
  ] as const)('refuses with %s', (code, state, words) => {
    const decision = decideSubmit(state, request(2, 'never', 1));

    expect(decision).toMatchObject({ kind: 'refused', code });
    expect(decision.kind === 'refused' && decision.message).toContain(words);
  });

  it('knows a release that waits even while the lane is held', () => {
    const held = { ...submit(openLane<Request>('shop'), request(1)), hold: HOLD };

    expect(decideSubmit(held, request(1))).toEqual({ kind: 'known', place: 1 });
  });
});

describe('a lane', () => {
  it('ignores the end of a release that it does not run', () => {
    const running = startNext(submit(openLane<Request>('shop'), request(1)));

    expect(endRunning(running, 'shop/2')).toBe(running);
    expect(endRunning(running, 'shop/1').running).toBeNull();
  });

  it('keeps the hold of a person over that of a rollback', () => {
    const held = { ...openLane<Request>('shop'), hold: HOLD };
    const byRollback = { ...HOLD, by: 'system:plura' };

    expect(endRollback(beginRollback(held, 3), byRollback).hold).toBe(HOLD);
    expect(endRollback(beginRollback(openLane('shop'), 3), byRollback).hold).toBe(byRollback);
  });

  it('has no place for what it does not hold', () => {
    expect(placeOf(openLane('shop'), 'shop/1')).toBeNull();
    expect(nextToStart(openLane('shop'))).toBeNull();
  });
});
