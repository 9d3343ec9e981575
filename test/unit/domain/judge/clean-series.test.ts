import {
  cleanSeries,
  whyUnmeasured,
  type CleanSeries,
} from '../../../../src/domain/judge/clean-series';

const clean = (...values: readonly (number | null)[]): CleanSeries =>
  cleanSeries({ startMs: 300_000, stepMs: 15_000, values });

const why = (...values: readonly (number | null)[]): string | null =>
  whyUnmeasured(clean(...values), 30_000);

describe('cleanSeries', () => {
  it('counts what it leaves out, by kind, and keeps the places of the rest', () => {
    const result = clean(1, null, NaN, Infinity, -Infinity, 6);

    expect(result).toMatchObject({ places: 6, missing: 1, nan: 1, infinite: 2, resets: 0 });
    expect(result.samples).toEqual([
      { index: 20, value: 1 },
      { index: 25, value: 6 },
    ]);
  });

  it('leaves out the difference over a reset of a counter', () => {
    const result = clean(5, 6, 5, 7, 6, 5, -9_000, 6, 5, 7, 6, 5);

    expect(result.resets).toBe(1);
    expect(result.samples).toHaveLength(11);
  });

  it.each<[string, readonly number[]]>([
    ['values on both sides of 0', [-3, 2, -1, 4, 1, -4, 2, 3, -2, 1]],
    ['values below 0 only', [-3, -2, -1, -5]],
    ['nothing but 0', [0, 0, 0]],
  ])('keeps %s', (_name, values) => {
    expect(clean(...values)).toMatchObject({ resets: 0, samples: { length: values.length } });
  });

  it('knows how old the newest sample is, NaN being one', () => {
    expect(clean(1, 2, 3).endAgeMs).toBe(0);
    expect(clean(1, 2, null, null).endAgeMs).toBe(30_000);
    expect(clean(1, null, NaN, null).endAgeMs).toBe(15_000);
  });
});

describe('whyUnmeasured', () => {
  it.each<[string, readonly (number | null)[], RegExp]>([
    ['no places', [], /no sample/],
    ['no sample at any place', [null, null, null], /no sample/],
    ['holes at more than half', [1, null, null, null, null, 1], /holes at 4 of 6/],
    ['infinities at more than half', [1, Infinity, Infinity], /holes at 2 of 3/],
    ['an end that is too old', [1, 2, 3, 4, null, null, null], /ended 45000 ms before/],
  ])('%s', (_name, values, expected) => {
    expect(why(...values)).toMatch(expected);
  });

  it.each<[string, readonly (number | null)[]]>([
    ['all samples', [1, 2, 3]],
    ['holes at half', [1, null, null, 1]],
    ['NaN alone: too little, not unmeasured', [NaN, NaN, NaN]],
    ['an end within the limit', [1, 2, 3, null, null]],
  ])('is null for %s', (_name, values) => {
    expect(why(...values)).toBeNull();
  });

  it('refuses a grid without a step', () => {
    const series = cleanSeries({ startMs: 0, stepMs: 0, values: [1, 2] });

    expect(whyUnmeasured(series, 30_000)).toMatch(/step of 0 ms/);
  });
});
