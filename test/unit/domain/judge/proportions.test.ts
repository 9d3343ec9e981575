import fc from 'fast-check';
import { compareProportions } from '../../../../src/domain/judge/proportions';
import type { RequestCounts } from '../../../../src/domain/series';

const counts = (errors: number, requests: number): RequestCounts => ({ errors, requests });

const someCounts = (most: number): fc.Arbitrary<RequestCounts> =>
  fc
    .integer({ min: 1, max: most })
    .chain((requests) =>
      fc.integer({ min: 0, max: requests }).map((errors) => counts(errors, requests)),
    );

function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let ways = 1n;
  for (let i = 1n; i <= BigInt(k); i += 1n) ways = (ways * (BigInt(n - k) + i)) / i;
  return ways;
}

function hypergeometricTail(candidate: RequestCounts, stable: RequestCounts): number {
  const errors = candidate.errors + stable.errors;
  let tail = 0n;
  for (let k = candidate.errors; k <= errors; k += 1) {
    tail += choose(candidate.requests, k) * choose(stable.requests, errors - k);
  }
  const all = choose(candidate.requests + stable.requests, errors);
  return Number((tail * 10n ** 15n) / all) / 1e15;
}

describe('compareProportions', () => {
  it("is Fisher's exact test in whole numbers", () => {
    fc.assert(
      fc.property(someCounts(60), someCounts(60), (candidate, stable) => {
        const result = compareProportions(candidate, stable);

        expect(result.p).toBeCloseTo(hypergeometricTail(candidate, stable), 12);
      }),
    );
  });

  it.each([
    ['few errors against none', counts(7, 1_000), counts(0, 1_000), 0.01],
    ['many against none', counts(50, 5_000), counts(0, 5_000), 1e-10],
    ['1 % against 0.1 %', counts(50, 5_000), counts(5, 5_000), 1e-9],
    ['a little canary', counts(5, 250), counts(5, 4_750), 1e-4],
  ])('sees %s', (_name, candidate, stable, limit) => {
    expect(compareProportions(candidate, stable).p).toBeLessThan(limit);
  });

  it.each([
    ['no errors at all', counts(0, 1_000), counts(0, 1_000)],
    ['nothing but errors', counts(1_000, 1_000), counts(1_000, 1_000)],
  ])('can say nothing of %s', (_name, candidate, stable) => {
    const result = compareProportions(candidate, stable);

    expect(result.p).toBe(1);
    expect(result.leastP).toBe(1);
    expect(result.difference).toBe(0);
  });

  it('finds more errors no less likely, the more there are', () => {
    fc.assert(
      fc.property(someCounts(500), someCounts(500), (candidate, stable) => {
        fc.pre(candidate.errors < candidate.requests);
        const worse = counts(candidate.errors + 1, candidate.requests);

        expect(compareProportions(worse, stable).p).toBeLessThanOrEqual(
          compareProportions(candidate, stable).p + 1e-12,
        );
      }),
    );
  });

  it('bounds its p-value from below and its difference from both sides', () => {
    fc.assert(
      fc.property(someCounts(300), someCounts(300), (candidate, stable) => {
        const result = compareProportions(candidate, stable);

        expect(result.p).toBeGreaterThanOrEqual(result.leastP * (1 - 1e-9));
        expect(result.leastP).toBeGreaterThanOrEqual(result.reachableP * (1 - 1e-9));
        expect(result.lower).toBeLessThanOrEqual(result.difference);
        expect(result.upper).toBeGreaterThanOrEqual(result.difference);
      }),
    );
  });

  it('takes the score test where the ways are too many, near what Fisher says', () => {
    const many = compareProportions(counts(5_300, 100_000), counts(5_100, 100_000));
    const fewer = compareProportions(counts(2_415, 50_000), counts(2_300, 50_000));

    expect(many.method).toBe('score');
    expect(many.p).toBeGreaterThan(0.02);
    expect(many.p).toBeLessThan(0.025);
    expect(fewer.method).toBe('fisher');
    expect(fewer.p).toBeGreaterThan(0.03);
    expect(fewer.p).toBeLessThan(0.06);
  });
});
