import fc from 'fast-check';
import { holm, rateAtLook } from '../../../../src/domain/judge/multiple';

const tests = (...ps: readonly number[]): { p: number; leastP: number }[] =>
  ps.map((p) => ({ p, leastP: 0 }));

const rejected = (...ps: readonly number[]): boolean[] =>
  holm(tests(...ps), 0.01, null).map((decision) => decision.rejected);

describe('holm', () => {
  it.each<[string, readonly number[], readonly boolean[]]>([
    ['nothing to test', [], []],
    ['one test at the whole rate', [0.01], [true]],
    ['one of two at half the rate', [0.005, 0.5], [true, false]],
    ['none of two just above half', [0.0051, 0.0052], [false, false]],
    ['the second at the whole rate once the first is rejected', [0.0049, 0.0099], [true, true]],
    ['nothing after the first that stays', [0.001, 0.006, 0.0001], [true, true, true]],
    ['a gap stops it', [0.001, 0.0051, 0.0052], [true, false, false]],
  ])('%s', (_name, ps, expected) => {
    expect(rejected(...ps)).toEqual(expected);
  });

  it('lets a test that can not reject cost the others nothing', () => {
    const decisions = holm(
      [
        { p: 0.009, leastP: 1e-9 },
        { p: 1, leastP: 1 },
      ],
      0.01,
      null,
    );

    expect(decisions.map((decision) => decision.rejected)).toEqual([true, false]);
  });

  it('rejects all that Bonferroni does, and nothing above the rate', () => {
    const p = fc.double({ min: 0, max: 0.05, noNaN: true });
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 8 }), (ps) => {
        holm(tests(...ps), 0.01, null).forEach((decision, i) => {
          if (ps[i]! <= 0.01 / ps.length) expect(decision.rejected).toBe(true);
          if (!decision.rejected) return;
          expect(ps[i]).toBeLessThanOrEqual(decision.threshold);
          expect(decision.threshold).toBeLessThanOrEqual(0.01);
        });
      }),
    );
  });
});

describe('rateAtLook', () => {
  it('is the whole rate where the end is the only look', () => {
    expect(rateAtLook(0.01, null)).toBe(0.01);
  });

  it('spends next to nothing early and most at the end', () => {
    expect(rateAtLook(0.01, 0)).toBe(0);
    expect(rateAtLook(0.01, 0.1)).toBeLessThan(1e-12);
    expect(rateAtLook(0.01, 0.5)).toBeLessThan(0.0001);
    expect(rateAtLook(0.01, 0.999)).toBeCloseTo(0.001, 4);
    expect(rateAtLook(0.01, 1)).toBeCloseTo(0.008, 9);
    expect(rateAtLook(0.01, 2)).toBeCloseTo(0.008, 9);
  });

  it('takes a window of no length for one that has ended', () => {
    expect(rateAtLook(0.01, 0 / 0)).toBeCloseTo(0.008, 9);
  });

  it('grows with the window', () => {
    const look = fc.double({ min: 0.01, max: 1.5, noNaN: true });
    fc.assert(
      fc.property(look, look, (a, b) => {
        const [earlier, later] = a < b ? [a, b] : [b, a];

        expect(rateAtLook(0.01, earlier)).toBeLessThanOrEqual(rateAtLook(0.01, later));
      }),
    );
  });
});
