import type { Digest } from '../../../../src/domain/digest';
import {
  DRILL_ACTOR,
  drillReason,
  judgeReadiness,
  type DrillFacts,
  type DrillLane,
  type StableMove,
} from '../../../../src/domain/drill/readiness';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [A, B, C] = [digest('a'), digest('b'), digest('c')];
const AT_REST: DrillLane = { running: null, queued: [], hold: null, rollbackRunning: false };

function facts(over: Partial<DrillFacts> = {}): DrillFacts {
  return {
    ...{ svc: 'drill', id: 'drill-2', marked: true, lane: AT_REST },
    ...{ current: B, past: [B, A], moves: [], bad: [], nowMs: 0 },
    ...over,
  };
}

const LEFT = lane({ hold: { by: DRILL_ACTOR.subject, reason: drillReason('drill-1') } });
const FIRST: StableMove = { from: null, to: A, actor: 'rita', reason: 'release' };
const SECOND: StableMove = { from: A, to: B, actor: 'rita', reason: 'release' };

function drilled(id: string, number: number, from: Digest, to: Digest): StableMove {
  const reason = `rollback: ${drillReason(id)}, ${number}`;
  return { from, to, actor: DRILL_ACTOR.subject, reason };
}

function lane(over: Partial<DrillLane>): Partial<DrillFacts> {
  return { lane: { ...AT_REST, ...over } };
}

describe('judgeReadiness', () => {
  it.each([
    ['to the digest before', facts(), A],
    ['past a bad one', facts({ current: C, past: [C, B, A], bad: [B] }), A],
    ['while another drill left its hold, and moved nothing', facts(LEFT), A],
    [
      'while another left its hold, and had come home',
      facts({
        ...LEFT,
        moves: [drilled('drill-1', 2, A, B), drilled('drill-1', 1, B, A), SECOND, FIRST],
      }),
      A,
    ],
    [
      'where somebody has moved on from where another left it',
      facts({ ...LEFT, moves: [{ ...SECOND, from: A }, drilled('drill-1', 1, B, A), SECOND] }),
      A,
    ],
    [
      'when it is tried again itself',
      facts({
        ...lane({ hold: { by: DRILL_ACTOR.subject, reason: drillReason('drill-2') } }),
        moves: [SECOND, FIRST],
      }),
      A,
    ],
  ])('lets a drill go %s', (_, given, older) => {
    expect(judgeReadiness(given)).toEqual({ ready: true, newer: given.current, older });
  });

  it.each([
    ['is not marked', { marked: false }, 'not marked'],
    ['has a release under way', lane({ running: { releaseId: 'drill/2' } }), 'drill/2'],
    ['has one that waits', lane({ queued: [{}] }), 'releases wait'],
    ['is being rolled back', lane({ rollbackRunning: true }), 'a rollback is under way'],
    ['is held by a person', lane({ hold: { by: 'olga', reason: 'incident' } }), 'incident'],
    ['has one stable digest', { past: [B] }, 'A drill needs two'],
    ['has nothing stable', { current: null, past: [] }, 'A drill needs two'],
    ['has only bad ones before', { bad: [A] }, 'A drill needs two'],
    ['stands on a bad one', { bad: [B] }, 'remembered as bad'],
  ] as const)('lets no drill touch a service that %s', (_, over, why) => {
    const readiness = judgeReadiness(facts(over));

    expect(readiness).toMatchObject({ ready: false, urgent: false });
    expect(JSON.stringify(readiness)).toContain(why);
  });

  it.each([
    ['at its first step', [drilled('drill-1', 1, B, A), SECOND, FIRST]],
    [
      'later',
      [
        ...[drilled('drill-1', 3, B, A), drilled('drill-1', 2, A, B)],
        ...[drilled('drill-1', 1, B, A), drilled('drill-0', 2, A, B), SECOND, FIRST],
      ],
    ],
  ])('alarms when another drill was broken off %s and never came home', (_, moves) => {
    const readiness = judgeReadiness(facts({ ...LEFT, current: A, past: [B], moves }));

    expect(readiness).toMatchObject({ ready: false, urgent: true });
    expect(JSON.stringify(readiness)).toContain(B);
  });
});
