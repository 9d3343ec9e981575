import fc from 'fast-check';
import { hodgesLehmannShift, median } from '../../../../src/domain/judge/hodges-lehmann';
import { extremeDeviate, isExact, mannWhitney } from '../../../../src/domain/judge/mann-whitney';
import { normalDeviate } from '../../../../src/domain/judge/distributions';

const sample = (maxLength: number, max = 9): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: -max, max }), { minLength: 1, maxLength });

/** All ways to choose `size` of the places. */
function choices(places: number, size: number): number[][] {
  if (size === 0) return [[]];
  if (places < size) return [];
  const without = choices(places - 1, size);
  const withLast = choices(places - 1, size - 1).map((chosen) => [...chosen, places - 1]);
  return [...without, ...withLast];
}

function countPairs(x: readonly number[], y: readonly number[]): number {
  return x.reduce(
    (sum, a) => sum + y.reduce((own, b) => own + (a > b ? 1 : a === b ? 0.5 : 0), 0),
    0,
  );
}

function bruteForceGreater(x: readonly number[], y: readonly number[]): number {
  const all = [...x, ...y];
  const observed = countPairs(x, y);
  const ways = choices(all.length, x.length).map((chosen) => {
    const own = chosen.map((place) => all[place]!);
    const other = all.filter((_value, place) => !chosen.includes(place));
    return countPairs(own, other);
  });
  return ways.filter((u) => u >= observed).length / ways.length;
}

describe('mannWhitney', () => {
  it('is the permutation test, ties included', () => {
    fc.assert(
      fc.property(sample(5, 2), sample(5, 2), (x, y) => {
        const result = mannWhitney(x, y, 'greater');

        expect(result.u).toBe(countPairs(x, y));
        expect(result.p).toBeCloseTo(bruteForceGreater(x, y), 12);
      }),
    );
  });

  it('is symmetric: greater one way is less the other way', () => {
    fc.assert(
      fc.property(sample(40), sample(40), (x, y) => {
        const own = mannWhitney(x, y, 'greater');
        const other = mannWhitney(y, x, 'less');

        expect(own.p).toBeCloseTo(other.p, 12);
        expect(own.effect).toBeCloseTo(1 - other.effect, 12);
        expect(mannWhitney(x, y, 'different').p).toBeCloseTo(mannWhitney(y, x, 'different').p, 12);
      }),
    );
  });

  it('finds a greater sample no less likely as it grows', () => {
    fc.assert(
      fc.property(sample(30), sample(30), fc.integer({ min: 1, max: 20 }), (x, y, by) => {
        // Between the integers, so that neither sample ties with the other and only the order counts.
        const before = x.map((value) => value + 0.5);
        const after = before.map((value) => value + by);

        expect(mannWhitney(after, y, 'greater').p).toBeLessThanOrEqual(
          mannWhitney(before, y, 'greater').p + 1e-12,
        );
      }),
    );
  });

  it('depends on the order of the values only', () => {
    fc.assert(
      fc.property(sample(30), sample(30), (x, y) => {
        const stretch = (value: number): number => value ** 3 * 1024 + 7;

        expect(mannWhitney(x.map(stretch), y.map(stretch), 'greater')).toEqual(
          mannWhitney(x, y, 'greater'),
        );
      }),
    );
  });

  it.each([
    ['3 against 3', 3, 3, 1 / 20],
    ['5 against 5', 5, 5, 1 / 252],
    ['2 against 10', 2, 10, 1 / 66],
  ])('can go no lower than one in all ways: %s', (_name, n, m, least) => {
    const x = Array.from({ length: n }, (_v, i) => 100 + i);
    const y = Array.from({ length: m }, (_v, i) => i);

    expect(mannWhitney(x, y, 'greater').p).toBeCloseTo(least, 12);
    expect(extremeDeviate(n, m)).toBeCloseTo(normalDeviate(least), 9);
  });

  it('says nothing of equal constants, however many', () => {
    const x = new Array<number>(60).fill(3);

    expect(mannWhitney(x, x, 'greater').p).toBe(1);
    expect(mannWhitney(x, x, 'different').p).toBe(1);
    expect(mannWhitney(x.slice(0, 5), x.slice(0, 5), 'different').p).toBe(1);
  });

  it('is exact for small samples, near enough for large ones', () => {
    expect(isExact(20, 20)).toBe(true);
    expect(isExact(4, 100)).toBe(true);
    expect(isExact(60, 60)).toBe(false);
  });
});

describe('hodgesLehmannShift', () => {
  it('is the median of all differences', () => {
    fc.assert(
      fc.property(sample(12), sample(12), (x, y) => {
        const differences = x.flatMap((a) => y.map((b) => a - b));

        expect(hodgesLehmannShift(x, y)).toBeCloseTo(median(differences), 9);
      }),
    );
  });

  it('copes with large samples', () => {
    const x = Array.from({ length: 4_001 }, (_v, i) => i + 5);
    const y = Array.from({ length: 4_001 }, (_v, i) => i);

    expect(hodgesLehmannShift(x, y)).toBeCloseTo(5, 6);
  });
});
