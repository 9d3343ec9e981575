import type { Digest } from '../../../../src/domain/digest';
import {
  DRILL_ACTOR,
  judgeReadiness,
  type DrillFacts,
  type DrillLane,
} from '../../../../src/domain/drill/readiness';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [A, B, C] = [digest('a'), digest('b'), digest('c')];
const AT_REST: DrillLane = { running: null, queued: [], hold: null, rollbackRunning: false };

function facts(over: Partial<DrillFacts> = {}): DrillFacts {
  return {
    ...{ svc: 'drill', marked: true, lane: AT_REST },
    ...{ current: B, past: [B, A], bad: [], nowMs: 0 },
    ...over,
  };
}

const lane = (over: Partial<DrillLane>): Partial<DrillFacts> => ({ lane: { ...AT_REST, ...over } });

describe('judgeReadiness', () => {
  it.each([
    ['to the digest before', facts(), A],
    ['past a bad one', facts({ current: C, past: [C, B, A], bad: [B] }), A],
    [
      'while another drill left its hold',
      facts(lane({ hold: { by: DRILL_ACTOR.subject, reason: 'drill' } })),
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

    expect(readiness).toMatchObject({ ready: false });
    expect(JSON.stringify(readiness)).toContain(why);
  });
});
