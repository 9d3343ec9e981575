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
    expect(rateAtLook(0.01, 0.999)).toBeCloseTo(0.0009, 4);
    expect(rateAtLook(0.01, 1)).toBeCloseTo(0.0072, 9);
  });

  it('keeps something for each extension, however many there are', () => {
    const ends = Array.from({ length: 40 }, (_value, k) => rateAtLook(0.01, k + 2));

    expect(ends[0]).toBeCloseTo(0.00048634, 8);
    expect(ends.every((rate) => rate > 0)).toBe(true);
    // What an end does not have is for the looks before it.
    const all = (rateAtLook(0.01, 1) + ends.reduce((sum, rate) => sum + rate, 0)) / 0.8;
    expect(all).toBeLessThanOrEqual(0.01);
  });

  it('lets a late extension find what is plain', () => {
    expect(rateAtLook(0.01, 146)).toBeGreaterThan(1e-8);
  });

  it('takes a window of no length for one that has ended', () => {
    expect(rateAtLook(0.01, 0 / 0)).toBeCloseTo(0.0072, 9);
  });

  it('grows with the window, and with each extension anew', () => {
    const look = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(look, look, fc.nat(5), (a, b, extension) => {
        const [earlier, later] = a < b ? [a, b] : [b, a];
        const at = (passed: number): number => rateAtLook(0.01, extension + passed);

        // Rounding puts what is nearly nothing of an extension to its beginning.
        fc.pre(Math.ceil(extension + earlier) === Math.ceil(extension + later));
        expect(at(earlier)).toBeLessThanOrEqual(at(later));
      }),
    );
  });
});
