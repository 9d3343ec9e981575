import { rateAtEnd } from '../../../../src/domain/judge/families';
import { judgeSamples } from '../../../../src/domain/judge/judge-samples';
import { detectableErrorDifference, detectableShift } from '../../../../src/domain/judge/power';
import { noise } from '../../../support/judge/draws';
import { seededRandom } from '../../../support/judge/random';
import { drawWindow, LATENCY } from '../../../support/judge/windows';

const seen = noise({ n: 400 })(seededRandom(1)).map((value) => value ?? 0);
const base = { seen, samples: 60, factor: 1, rate: 0.01, minEffect: 0 };

describe('detectableShift', () => {
  it('shrinks with samples and grows with dependence, a stricter level and the floor', () => {
    const usual = detectableShift(base)!;

    expect(usual).toBeGreaterThan(0.07);
    expect(usual).toBeLessThan(0.11);
    expect(detectableShift({ ...base, samples: 240 })).toBeCloseTo(usual / 2, 2);
    expect(detectableShift({ ...base, factor: 4 })).toBeGreaterThan(1.9 * usual);
    expect(detectableShift({ ...base, rate: 0.001 })).toBeGreaterThan(usual);
    expect(detectableShift({ ...base, minEffect: 0.1 })).toBeGreaterThan(0.1);
  });

  it.each([
    ['too few samples', { samples: 3 }],
    ['a level of 0', { rate: 0 }],
    ['values around 0, of which nothing is relative', { seen: [0, 0, 0] }],
    ['nothing seen', { seen: [] }],
  ])('is null for %s', (_name, change) => {
    expect(detectableShift({ ...base, ...change })).toBeNull();
  });

  it('is the floor for a constant: the least change shows', () => {
    const constant = { seen: [5, 5, 5, 5], minEffect: 0.05 };

    expect(detectableShift({ ...base, ...constant })).toBeCloseTo(0.05, 6);
  });

  it('keeps its word: what it calls detectable is found in about 80 % of windows', () => {
    const judge = { errors: null, metrics: [{ ...LATENCY, minEffect: 0.01 }] };
    const rate = rateAtEnd({ ...judge, falseAlarmRate: 0.01 }, 'latency');
    const regression = detectableShift({ ...base, rate, minEffect: 0.01 })!;
    // Shifted, not scaled, as the rank test's power is about shifts.
    const candidate = noise({ mean: 100 * (1 + regression), cv: 0.15 / (1 + regression) });
    const random = seededRandom(11);
    const rounds = 1_000;
    let found = 0;
    for (let round = 0; round < rounds; round += 1) {
      const window = drawWindow(
        {
          judge,
          candidate: { series: { latency: candidate } },
          stable: { series: { latency: noise() } },
        },
        random,
      );
      if (judgeSamples(window).outcome === 'fail') found += 1;
    }

    expect(found / rounds).toBeGreaterThan(0.72);
    expect(found / rounds).toBeLessThan(0.88);
  });
});

describe('detectableErrorDifference', () => {
  const errors = {
    ratio: 0.001,
    candidateRequests: 5_000,
    stableRequests: 5_000,
    rate: 0.005,
    minDifference: 0,
  };

  it('shrinks with requests and heeds the floor', () => {
    const usual = detectableErrorDifference(errors)!;

    expect(usual).toBeGreaterThan(0.001);
    expect(usual).toBeLessThan(0.005);
    expect(
      detectableErrorDifference({ ...errors, candidateRequests: 500, stableRequests: 9_500 }),
    ).toBeGreaterThan(usual);
    expect(detectableErrorDifference({ ...errors, minDifference: 0.01 })).toBeGreaterThan(0.01);
  });

  it('is null where not even nothing but errors would show', () => {
    const few = { ...errors, candidateRequests: 2, stableRequests: 2 };

    expect(detectableErrorDifference(few)).toBeNull();
    expect(detectableErrorDifference({ ...errors, ratio: 1, minDifference: 0.01 })).toBeNull();
  });
});
