import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { localMetricNames } from '../../../../src/adapters/prometheus/local-metric-names';
import { createPrometheusMetricsSource } from '../../../../src/adapters/prometheus/prometheus-metrics-source';
import type { ReleaseError } from '../../../../src/contract/errors';
import { METRIC_PRESETS } from '../../../../src/domain/metric-presets';
import { NO_SAMPLES } from '../../../../src/domain/series';
import type { MetricsSource, WindowQuery } from '../../../../src/ports/metrics-source';

const query: WindowQuery = {
  svc: 'shop',
  env: 'prod',
  digest: `sha256:${'a'.repeat(64)}`,
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-01-01T00:00:10.000Z',
};

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
    scrapeIntervalMs: 1_000,
    definition: METRIC_PRESETS.router,
    namesOf: localMetricNames,
  });
}

const vector = (...values: string[]): string =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ value: [1, value] })) },
  });

/** Answers each kind of question with its value; null is an empty vector. */
function answering(values: Readonly<Record<string, string | null>>): RequestListener {
  const kinds: readonly (readonly [string, RegExp])[] = [
    ['age', /^time\(\)/],
    ['resets', /resets/],
    ['baseline', /^(max\(timestamp|count\(last_over_time)/],
    ['first', /^min\(min_over_time/],
    ['p95', /histogram_quantile/],
    ['errors', /5\.\./],
    ['requests', /./],
  ];
  return (request, answer) => {
    void text(request).then((body) => {
      const expr = new URLSearchParams(body).get('query') ?? '';
      const kind = kinds.find(([, pattern]) => pattern.test(expr))?.[0] ?? '';
      const value = values[kind] ?? null;
      answer.end(value === null ? vector() : vector(value));
    });
  };
}

const good = {
  age: '0.4',
  resets: '0',
  baseline: String(Date.parse(query.from) / 1000 - 1),
  p95: '0.08',
  errors: '2',
  requests: '40',
};

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe('the Prometheus metrics source', () => {
  it('reads a window', async () => {
    const source = await sourceWith(answering(good));

    const sample = await source.sampleWindow(query);

    expect(sample).toMatchObject({ requests: 40, errors: 2, p95Ms: 80, freshnessMs: 400 });
    expect(sample.queries.map(({ name }) => name)).toEqual([
      'ageSeconds',
      'resets',
      'requests',
      'errors',
      'p95Seconds',
    ]);
  });

  it("falls back on Prometheus' own estimate after a counter reset", async () => {
    const source = await sourceWith(answering({ ...good, resets: '1', errors: '1.2' }));

    const { queries, errors } = await source.sampleWindow(query);

    expect(queries.find(({ name }) => name === 'requests')?.expr).toContain('increase(');
    expect(errors).toBe(2);
  });

  it('counts from the first scrape on where nothing was stored before the window', async () => {
    const first = String(Date.parse(query.from) / 1000 + 3);
    const source = await sourceWith(answering({ ...good, baseline: null, first }));

    const { requests, countedFrom, queries } = await source.sampleWindow(query);

    expect(requests).toBe(40);
    expect(countedFrom).toBe('2026-01-01T00:00:04.000Z');
    expect(queries.map(({ name }) => name)).toContain('firstScrapeSeconds');
    expect(queries.find(({ name }) => name === 'requests')?.expr).toContain('offset 6000ms');
  });

  it.each([
    [4, '2026-01-01T00:00:05.000Z'],
    [0, '2026-01-01T00:00:01.000Z'],
  ])('counts half of a window at least: first scrape after %d s', async (seconds, from) => {
    const first = String(Date.parse(query.from) / 1000 + seconds);
    const source = await sourceWith(answering({ ...good, baseline: null, first }));

    expect((await source.sampleWindow(query)).countedFrom).toBe(from);
  });

  it('hands a p95 that is no number on, for the judge to refuse', async () => {
    const source = await sourceWith(answering({ ...good, p95: '+Inf' }));

    const { p95Ms, queries } = await source.sampleWindow(query);

    expect(p95Ms).toBe(Infinity);
    expect(queries.find(({ name }) => name === 'p95Seconds')?.value).toBeNull();
  });

  it.each([
    ['that it has nothing of a version', { age: null }, NO_SAMPLES],
    ['nothing of the kind where it can not say', { requests: null }, undefined],
  ])('says %s', async (_name, over, why) => {
    const source = await sourceWith(answering({ ...good, ...over }));

    const failure: unknown = await source.sampleWindow(query).catch((error: unknown) => error);

    expect((failure as ReleaseError).details['why']).toBe(why);
  });

  it.each<[string, RequestListener]>([
    ['has no samples', answering({ ...good, age: null })],
    [
      'has stored nothing before the window, and one scrape in it',
      answering({ ...good, baseline: null, first: String(Date.parse(query.to) / 1000 - 0.5) }),
    ],
    [
      'was there again for less than half of the window',
      answering({ ...good, baseline: null, first: String(Date.parse(query.from) / 1000 + 4.1) }),
    ],
    ['has no counter', answering({ ...good, requests: null })],
    ['answers 503', (_request, answer) => answer.writeHead(503).end('starting')],
    ['answers no JSON', (_request, answer) => answer.end('<html>')],
    ['answers another shape', (_request, answer) => answer.end('{"status":"success"}')],
    ['answers several values', (_request, answer) => answer.end(vector('1', '2'))],
    ['answers without end', (_request, answer) => answer.end('x'.repeat(2_000_000))],
    ['breaks off', (_request, answer) => answer.destroy()],
    [
      'refuses the query',
      (_request, answer) =>
        answer.writeHead(422).end(JSON.stringify({ status: 'error', error: 'too many samples' })),
    ],
  ])('can not measure when Prometheus %s', async (_name, listener) => {
    const source = await sourceWith(listener);

    await expect(source.sampleWindow(query)).rejects.toMatchObject({ code: 'METRICS_UNAVAILABLE' });
  });

  it('can not measure when Prometheus does not answer in time', async () => {
    const source = await sourceWith(() => undefined, 50);

    await expect(source.sampleWindow(query)).rejects.toMatchObject({ code: 'METRICS_UNAVAILABLE' });
    await expect(source.ping()).rejects.toMatchObject({ code: 'METRICS_UNAVAILABLE' });
  });
});
