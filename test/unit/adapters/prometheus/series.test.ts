import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { localMetricNames } from '../../../../src/adapters/prometheus/local-metric-names';
import { createPrometheusMetricsSource } from '../../../../src/adapters/prometheus/prometheus-metrics-source';
import { METRIC_PRESETS } from '../../../../src/domain/metric-presets';
import type { MetricsSource, SeriesQuery } from '../../../../src/ports/metrics-source';

const QUERY: SeriesQuery = {
  query: 'sum(up)',
  from: '2026-01-01T00:00:00.250Z',
  to: '2026-01-01T00:00:10.250Z',
  stepMs: 2_000,
};
const START_S = Date.parse(QUERY.from) / 1000;

let server: Server | undefined;

async function sourceWith(listener: RequestListener, timeoutMs = 2_000): Promise<MetricsSource> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => {
    started.listen(0, '127.0.0.1', resolve);
  });
  const { port } = started.address() as AddressInfo;
  return createPrometheusMetricsSource({
    url: `http://127.0.0.1:${port}`,
    timeoutMs,
    scrapeIntervalMs: 5_000,
    definition: METRIC_PRESETS.router,
    namesOf: localMetricNames,
  });
}

type Points = readonly (readonly [number, string])[];

const matrix = (...series: readonly Points[]): string =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'matrix', result: series.map((values) => ({ metric: {}, values })) },
  });

const answering =
  (body: string): RequestListener =>
  (_request, answer) =>
    answer.end(body);

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe('a series of Prometheus', () => {
  it('has null where Prometheus has no point, and keeps what is no number', async () => {
    const points: Points = [
      [START_S + 2, '1.5'],
      [START_S + 4, 'NaN'],
      [START_S + 8, '+Inf'],
      [START_S + 10, '-Inf'],
    ];
    const source = await sourceWith(answering(matrix(points)));

    expect(await source.sampleSeries(QUERY)).toEqual({
      startMs: Date.parse(QUERY.from) + 2_000,
      stepMs: 2_000,
      values: [1.5, NaN, null, Infinity, -Infinity],
    });
  });

  it('leaves out what lies beside its window', async () => {
    const source = await sourceWith(
      answering(
        matrix([
          [START_S, '1'],
          [START_S + 2, '2'],
          [START_S + 60, '3'],
        ]),
      ),
    );

    const { values } = await source.sampleSeries(QUERY);

    expect(values).toEqual([2, null, null, null, null]);
  });

  it('asks for its grid, no value older than two scrapes, and no more series than tell one from several', async () => {
    const asked: { url: string; form: Record<string, string> }[] = [];
    const source = await sourceWith((request, answer) => {
      void text(request).then((body) => {
        const form = Object.fromEntries(new URLSearchParams(body));
        asked.push({ url: request.url ?? '', form });
        answer.end(matrix());
      });
    });

    await source.sampleSeries(QUERY);

    expect(asked).toEqual([
      {
        url: '/api/v1/query_range',
        form: {
          query: 'sum(up)',
          start: '2026-01-01T00:00:02.250Z',
          end: '2026-01-01T00:00:10.250Z',
          step: '2000ms',
          lookback_delta: '10000ms',
          limit: '2',
          timeout: '2s',
        },
      },
    ]);
  });

  it('says that a query gives several series, and what to do', async () => {
    const one: Points = [[START_S + 2, '1']];
    const source = await sourceWith(answering(matrix(one, one)));

    await expect(source.sampleSeries(QUERY)).rejects.toMatchObject({
      code: 'METRICS_UNAVAILABLE',
      message: expect.stringContaining('several series') as string,
      details: { remedy: expect.stringContaining('sum(') as string },
    });
  });

  it.each<[string, RequestListener]>([
    ['answers 503', (_request, answer) => answer.writeHead(503).end('starting')],
    ['answers no JSON', answering('<html>')],
    ['answers another shape', answering('{"status":"success","data":{"resultType":"scalar"}}')],
    ['answers without end', answering('x'.repeat(2_000_000))],
    ['breaks off', (_request, answer) => answer.destroy()],
    [
      'refuses the query',
      (_request, answer) =>
        answer.writeHead(400).end(JSON.stringify({ status: 'error', error: 'parse error' })),
    ],
  ])('can not be measured when Prometheus %s', async (_name, listener) => {
    const source = await sourceWith(listener);

    await expect(source.sampleSeries(QUERY)).rejects.toMatchObject({
      code: 'METRICS_UNAVAILABLE',
    });
  });

  it('can not be measured when Prometheus does not answer in time', async () => {
    const source = await sourceWith(() => undefined, 50);

    await expect(source.sampleSeries(QUERY)).rejects.toMatchObject({
      code: 'METRICS_UNAVAILABLE',
    });
  });

  it('is refused for a window that is none', async () => {
    const source = await sourceWith(answering(matrix()));

    await expect(source.sampleSeries({ ...QUERY, to: 'yesterday' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { field: 'stepMs' },
    });
  });
});
