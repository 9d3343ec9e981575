import type { MetricsSource, SeriesQuery, WindowQuery } from '../../../src/ports/metrics-source';

export interface MetricsSourceFixture {
  readonly source: MetricsSource;
  /** A window that held exactly `requests`, `errors` of them failed. */
  readonly busy: {
    readonly query: WindowQuery;
    readonly requests: number;
    readonly errors: number;
  };
  /** A window of something that runs, without a request. */
  readonly idle: WindowQuery;
  /** A window that began before anything was stored, by less than half of it. */
  readonly late: WindowQuery;
  /** The same by more than half of it. */
  readonly tooLate: WindowQuery;
  readonly series: {
    /** One series that has a finite value at each step. */
    readonly full: SeriesQuery;
    /** Nothing matches it. */
    readonly none: SeriesQuery;
    /** More than one series matches it. */
    readonly several: SeriesQuery;
    /** NaN at each step. */
    readonly notANumber: SeriesQuery;
    /** Infinity at each step. */
    readonly infinite: SeriesQuery;
  };
}

/** What every MetricsSource does. */
export function describeMetricsSourceContract(
  name: string,
  create: () => Promise<MetricsSourceFixture>,
): void {
  describe(`${name} keeps the contract of MetricsSource`, () => {
    let fixture: MetricsSourceFixture;
    beforeAll(async () => {
      fixture = await create();
    });

    describeWindow(() => fixture);
    describeSeries(() => fixture);

    it('answers a ping', async () => {
      await expect(fixture.source.ping()).resolves.toBeUndefined();
    });
  });
}

function describeWindow(fixture: () => MetricsSourceFixture): void {
  it('counts exactly what the window held', async () => {
    const { source, busy } = fixture();

    const sample = await source.sampleWindow(busy.query);

    expect(sample).toMatchObject({ requests: busy.requests, errors: busy.errors });
    expect(sample.p95Ms).toBeGreaterThan(0);
    expect(sample.freshnessMs).toBeGreaterThanOrEqual(0);
  });

  it('has no latency where there were no requests', async () => {
    const { source, idle } = fixture();

    const sample = await source.sampleWindow(idle);

    expect(sample).toMatchObject({ requests: 0, errors: 0, p95Ms: null });
  });

  it('says since when it counted where nothing was stored before, and only then', async () => {
    const { source, busy, late } = fixture();

    const [whole, partly] = [
      await source.sampleWindow(busy.query),
      await source.sampleWindow(late),
    ];

    expect(whole).not.toHaveProperty('countedFrom');
    const countedMs = Date.parse(partly.countedFrom ?? '');
    expect(countedMs).toBeGreaterThan(Date.parse(late.from));
    expect(countedMs).toBeLessThan(Date.parse(late.to));
  });

  it('can not measure a window of which less than half can be counted', async () => {
    const { source, tooLate } = fixture();

    await expect(source.sampleWindow(tooLate)).rejects.toMatchObject({
      code: 'METRICS_UNAVAILABLE',
    });
  });

  it('gives the same answer for the same window', async () => {
    const { source, busy } = fixture();

    expect(await source.sampleWindow(busy.query)).toEqual(await source.sampleWindow(busy.query));
  });

  it('keeps the queries that said so, as JSON', async () => {
    const { source, busy } = fixture();

    const { queries } = await source.sampleWindow(busy.query);

    expect(JSON.parse(JSON.stringify(queries))).toEqual(queries);
  });
}

function describeSeries(fixture: () => MetricsSourceFixture): void {
  /** Steps that fit into the window of a query. */
  const countOf = ({ from, to, stepMs }: SeriesQuery): number =>
    Math.floor((Date.parse(to) - Date.parse(from)) / stepMs);

  it('gives a series on the grid of its window, the first value a step after the start', async () => {
    const { source, series } = fixture();

    const { startMs, stepMs, values } = await source.sampleSeries(series.full);

    expect(startMs).toBe(Date.parse(series.full.from) + series.full.stepMs);
    expect(stepMs).toBe(series.full.stepMs);
    expect(values).toHaveLength(countOf(series.full));
    expect(values.every((value) => Number.isFinite(value))).toBe(true);
  });

  it('has null at each step of a series that is not there', async () => {
    const { source, series } = fixture();

    const { values } = await source.sampleSeries(series.none);

    expect(values).toEqual(new Array(countOf(series.none)).fill(null));
  });

  it.each([
    ['notANumber', NaN],
    ['infinite', Infinity],
  ] as const)('keeps a value that is %s', async (kind, value) => {
    const { source, series } = fixture();

    const { values } = await source.sampleSeries(series[kind]);

    expect(values).toEqual(new Array(countOf(series[kind])).fill(value));
  });

  it('can not measure by a query that gives several series', async () => {
    const { source, series } = fixture();

    await expect(source.sampleSeries(series.several)).rejects.toMatchObject({
      code: 'METRICS_UNAVAILABLE',
    });
  });

  it('has no value while the first step lasts', async () => {
    const { source, series } = fixture();

    const { values } = await source.sampleSeries({ ...series.full, stepMs: 10_000_000 });

    expect(values).toEqual([]);
  });

  it.each([
    ['too many samples', 0.01],
    ['samples without end', 0],
  ])('refuses a step that gives %s', async (_name, stepMs) => {
    const { source, series } = fixture();

    await expect(source.sampleSeries({ ...series.full, stepMs })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
}
