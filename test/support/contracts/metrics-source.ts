import type { MetricsSource, WindowQuery } from '../../../src/ports/metrics-source';

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

    it('counts exactly what the window held', async () => {
      const { query, requests, errors } = fixture.busy;

      const sample = await fixture.source.sampleWindow(query);

      expect(sample).toMatchObject({ requests, errors });
      expect(sample.p95Ms).toBeGreaterThan(0);
      expect(sample.freshnessMs).toBeGreaterThanOrEqual(0);
    });

    it('has no latency where there were no requests', async () => {
      const sample = await fixture.source.sampleWindow(fixture.idle);

      expect(sample).toMatchObject({ requests: 0, errors: 0, p95Ms: null });
    });

    it('gives the same answer for the same window', async () => {
      const { query } = fixture.busy;

      expect(await fixture.source.sampleWindow(query)).toEqual(
        await fixture.source.sampleWindow(query),
      );
    });

    it('keeps the queries that said so, as JSON', async () => {
      const { queries } = await fixture.source.sampleWindow(fixture.busy.query);

      expect(JSON.parse(JSON.stringify(queries))).toEqual(queries);
    });

    it('answers a ping', async () => {
      await expect(fixture.source.ping()).resolves.toBeUndefined();
    });
  });
}
