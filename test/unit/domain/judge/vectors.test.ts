import { normalDeviate, normalTail, studentTail } from '../../../../src/domain/judge/distributions';
import { hodgesLehmannShift } from '../../../../src/domain/judge/hodges-lehmann';
import { mannWhitney, type Alternative } from '../../../../src/domain/judge/mann-whitney';
import { compareProportions } from '../../../../src/domain/judge/proportions';
import vectors from '../../../support/judge/vectors/vectors.json';

/** Relative, and absolute near 0. */
function expectNear(value: number, expected: number, tolerance = 1e-9): void {
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(tolerance * Math.abs(expected) + 1e-300);
}

describe(`arithmetic against SciPy ${vectors.scipy}`, () => {
  it.each(vectors.mannWhitney.map((row, i) => [i, row.method, row] as const))(
    'Mann-Whitney %i, %s',
    (_i, method, row) => {
      for (const alternative of ['greater', 'less', 'different'] as const) {
        const result = mannWhitney(row.x, row.y, alternative satisfies Alternative);

        expect(result.u).toBe(row.u);
        expect(result.method).toBe(method === 'exact' ? 'exact' : 'normal');
        expectNear(result.p, row[alternative]);
      }
      expect(hodgesLehmannShift(row.x, row.y)).toBeCloseTo(row.shift, 8);
    },
  );

  it.each(vectors.proportions.map((row, i) => [i, row] as const))('proportions %i', (_i, row) => {
    const result = compareProportions(row.candidate, row.stable);

    expectNear(result.p, result.method === 'fisher' ? row.fisher : row.score, 1e-8);
    expect(result.lower).toBeCloseTo(row.lower, 10);
    expect(result.upper).toBeCloseTo(row.upper, 10);
  });

  it('covers both tests of proportions', () => {
    const methods = vectors.proportions.map((row) => {
      return compareProportions(row.candidate, row.stable).method;
    });

    expect(new Set(methods)).toEqual(new Set(['fisher', 'score']));
  });

  it.each(vectors.normal)('normal tail of %d', (z = NaN, tail = NaN) => {
    expectNear(normalTail(z), tail, 1e-12);
    if (z >= 0) expect(normalDeviate(tail)).toBeCloseTo(z, 9);
  });

  it.each(vectors.student)(
    "Student's t tail of %d with %d degrees",
    (t = NaN, df = NaN, tail = NaN) => {
      expectNear(studentTail(t, df), tail, 1e-10);
    },
  );
});
