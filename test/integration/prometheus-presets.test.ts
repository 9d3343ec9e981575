import { setTimeout as sleep } from 'node:timers/promises';
import { kubernetesMetricNames } from '../../src/adapters/kubernetes/metric-names';
import { findMissingSeries } from '../../src/adapters/prometheus/missing-series';
import { createPrometheusMetricsSource } from '../../src/adapters/prometheus/prometheus-metrics-source';
import { METRIC_PRESETS } from '../../src/domain/metric-presets';
import type { LabelMatch, MetricDefinition, MetricNames } from '../../src/domain/metric-source';
import { P95_LATENCY } from '../../src/domain/plan-defaults';
import { resolveQuery } from '../../src/domain/plan-query';
import type {
  MeasuredTrack,
  MetricsSource,
  SeriesQuery,
  WindowQuery,
} from '../../src/ports/metrics-source';
import { describeMetricsSourceContract } from '../support/contracts/metrics-source';
import {
  startGatewayExporter,
  type GatewayExporter,
  type Shape,
} from '../support/gateway-exporter';
import { startPrometheus, type PrometheusServer } from '../support/prometheus-server';

jest.setTimeout(60_000);

const NAMESPACES = { dev: 'shop-dev', stg: 'shop-stg', prod: 'shop-prod' } as const;
const namesOf = (track: MeasuredTrack): MetricNames =>
  kubernetesMetricNames({ namespaces: NAMESPACES }, track);
/** Two scrapes: what was counted is then stored for sure. */
const SETTLE_MS = 2_500;

const POD: readonly LabelMatch[] = [
  { label: 'pod', is: '=~', value: '{{backend}}-.*' },
  { label: 'namespace', is: '=', value: '{{namespace}}' },
];
const FAILED: LabelMatch = { label: 'status', is: '=~', value: '5..' };
/** What a file of one's own may say: pods that count themselves. */
const PODS: MetricDefinition = {
  name: 'custom',
  requests: { metric: 'http_requests_total', match: POD },
  errors: { metric: 'http_requests_total', match: [...POD, FAILED] },
  durations: { metric: 'http_request_duration_seconds_bucket', match: POD },
  durationUnit: 'seconds',
  alive: { metric: 'up', match: [] },
};

const SOURCES: readonly (readonly [Shape, MetricDefinition])[] = [
  ['istio', METRIC_PRESETS.istio],
  ['envoy-gateway', METRIC_PRESETS['envoy-gateway']],
  ['kgateway', METRIC_PRESETS.kgateway],
  ['pods', PODS],
];

let exporter: GatewayExporter;
let prometheus: PrometheusServer;
/** Since when Prometheus has stored something, ms since the epoch. */
let storedMs: number;

beforeAll(async () => {
  exporter = await startGatewayExporter();
  prometheus = await startPrometheus(exporter.url);
  storedMs = Date.now();
});

afterAll(async () => {
  await prometheus.stop();
  await exporter.stop();
});

const now = (): string => new Date().toISOString();
const sourceOf = (definition: MetricDefinition): MetricsSource =>
  createPrometheusMetricsSource({
    url: prometheus.url,
    timeoutMs: 5_000,
    scrapeIntervalMs: 1_000,
    definition,
    namesOf,
  });
const track = (svc: string, name: 'stable' | 'candidate'): MeasuredTrack => ({
  svc,
  env: 'prod',
  digest: `sha256:${(name === 'stable' ? 'a' : 'b').repeat(64)}`,
  track: name,
});
const since = (from: string, of: MeasuredTrack): WindowQuery => ({ ...of, from, to: now() });

describe.each(SOURCES)('windows by the metrics of %s', (shape, definition) => {
  const answer = (of: MeasuredTrack, code: number, ms: number, times: number): void => {
    exporter.answer(shape, namesOf(of), code, ms, times);
  };

  describeMetricsSourceContract(shape, async () => {
    const busy = track('contract', 'candidate');
    answer(busy, 200, 20, 7);
    await sleep(SETTLE_MS);
    const from = now();
    answer(busy, 200, 20, 30);
    answer(busy, 503, 20, 4);
    await sleep(SETTLE_MS);
    const of = (query: string): SeriesQuery => ({ query, from, to: now(), stepMs: 1_000 });
    return {
      source: sourceOf(definition),
      busy: { query: since(from, busy), requests: 34, errors: 4 },
      idle: since(from, track('idle', 'candidate')),
      late: since(new Date(storedMs - 2_000).toISOString(), busy),
      tooLate: since(new Date(storedMs - 3_600_000).toISOString(), busy),
      series: {
        full: of('sum(up)'),
        none: of('sum(nothing_of_this_name)'),
        several: of(definition.durations.metric),
        notANumber: of('vector(0) / vector(0)'),
        infinite: of('vector(1) / vector(0)'),
      },
    };
  });

  it('tell candidate and stable, services and environments apart, to the request', async () => {
    const [stable, candidate] = [track('split', 'stable'), track('split', 'candidate')];
    answer(stable, 200, 20, 1_000);
    await sleep(SETTLE_MS);
    const from = now();
    answer(stable, 200, 20, 150);
    answer(stable, 500, 20, 1);
    answer(candidate, 200, 20, 45);
    answer(candidate, 404, 20, 2);
    answer(candidate, 502, 20, 3);
    answer(track('other', 'candidate'), 500, 20, 500);
    answer({ ...candidate, env: 'stg' }, 500, 20, 500);
    await sleep(SETTLE_MS);

    const [one, other] = await Promise.all(
      [stable, candidate].map((of) => sourceOf(definition).sampleWindow(since(from, of))),
    );

    expect(one).toMatchObject({ requests: 151, errors: 1 });
    expect(other).toMatchObject({ requests: 50, errors: 3 });
  });

  it('give the p95 latency in milliseconds, and as the series that plans compare by themselves', async () => {
    const of = track('slow', 'candidate');
    const from = now();
    answer(of, 200, 20, 92);
    answer(of, 200, 300, 8);
    await sleep(SETTLE_MS);
    answer(of, 200, 300, 1);
    await sleep(SETTLE_MS);
    const source = sourceOf(definition);
    const names = source.namesOf(of);
    const values = { service: of.svc, env: of.env, version: of.digest, windowMs: 3_000, names };

    const { p95Ms } = await source.sampleWindow(since(from, of));
    const query = resolveQuery(P95_LATENCY.query, values);
    const series = await source.sampleSeries({ query, from, to: now(), stepMs: 1_000 });

    expect(p95Ms).toBeGreaterThan(250);
    expect(p95Ms).toBeLessThan(500);
    const unit = definition.durationUnit === 'seconds' ? 0.001 : 1;
    expect(series.values.some((value) => value !== null && value > 250 * unit)).toBe(true);
    expect(series.values.every((value) => !(Number(value) > 500 * unit))).toBe(true);
  });

  it('count on through a restart of the proxy, and never below nothing', async () => {
    const of = track('restarted', 'candidate');
    answer(of, 200, 20, 100);
    await sleep(SETTLE_MS);
    const from = now();
    answer(of, 200, 20, 40);
    await sleep(SETTLE_MS);
    exporter.restart();
    answer(of, 200, 20, 10);
    answer(of, 500, 20, 3);
    await sleep(SETTLE_MS);

    const { requests, errors, p95Ms } = await sourceOf(definition).sampleWindow(since(from, of));

    expect(requests).toBeGreaterThanOrEqual(50);
    expect(requests).toBeLessThan(75);
    expect(errors).toBeGreaterThanOrEqual(3);
    expect(p95Ms).toBeLessThan(50);
  });

  it('count from zero for a version that was there before, went, and came again', async () => {
    const of = track('reborn', 'candidate');
    answer(of, 200, 20, 100);
    await sleep(SETTLE_MS);
    exporter.forget(shape, namesOf(of));
    await sleep(SETTLE_MS);
    const from = now();
    answer(of, 200, 20, 30);
    await sleep(SETTLE_MS);

    expect(await sourceOf(definition).sampleWindow(since(from, of))).toMatchObject({
      requests: 30,
      errors: 0,
    });
  });

  it('find nothing missing where it is scraped', async () => {
    const options = { url: prometheus.url, timeoutMs: 5_000 };

    expect(await findMissingSeries(options, definition, new Date())).toEqual([]);
  });
});

it('reads a native histogram by its own name', async () => {
  const native = await startPrometheus(exporter.url, { convert_classic_histograms_to_nhcb: true });
  const durations = { metric: 'http_request_duration_seconds', match: POD };
  const source = createPrometheusMetricsSource({
    url: native.url,
    timeoutMs: 5_000,
    scrapeIntervalMs: 1_000,
    definition: { ...PODS, durations },
    namesOf,
  });
  const of = track('native', 'candidate');
  exporter.answer('pods', namesOf(of), 200, 20, 10);
  await sleep(SETTLE_MS);
  const from = now();
  exporter.answer('pods', namesOf(of), 200, 300, 20);
  await sleep(SETTLE_MS);

  const sample = await source.sampleWindow(since(from, of));

  await native.stop();
  expect(sample).toMatchObject({ requests: 20, errors: 0 });
  expect(sample.p95Ms).toBeGreaterThan(250);
  expect(sample.p95Ms).toBeLessThan(500);
});

describe('a source that does not fit', () => {
  const from = new Date(Date.now() - 5_000).toISOString();
  const of = track('nobody', 'candidate');

  it('says that nothing of that name is scraped', async () => {
    const source = sourceOf(METRIC_PRESETS.router);

    await expect(source.sampleWindow(since(from, of))).rejects.toMatchObject({
      code: 'METRICS_UNAVAILABLE',
      message: expect.stringContaining(
        'has no series of plura_router_requests_total at all',
      ) as string,
    });
    const options = { url: prometheus.url, timeoutMs: 5_000 };
    expect(await findMissingSeries(options, METRIC_PRESETS.router, new Date())).toHaveLength(2);
  });

  it('says that the labels are others', async () => {
    exporter.answer('pods', namesOf(track('anybody', 'stable')), 200, 20, 1);
    await sleep(SETTLE_MS);
    const source = sourceOf({ ...PODS, alive: null });

    await expect(source.sampleWindow(since(from, of))).rejects.toMatchObject({
      code: 'METRICS_UNAVAILABLE',
      message: expect.stringMatching(
        /has \d+ series of http_requests_total, none of them/,
      ) as string,
    });
  });

  it('is no quiet version while nothing shows that the gateway is scraped', async () => {
    const source = sourceOf({ ...PODS, alive: { metric: 'gateway_up', match: [] } });

    await expect(source.sampleWindow(since(from, of))).rejects.toMatchObject({
      code: 'METRICS_UNAVAILABLE',
      message: expect.stringContaining('none of gateway_up{}') as string,
    });
  });

  it('takes hostile names literally', async () => {
    const svc = 'x"} or vector(1) or {a="';
    const source = sourceOf({ ...PODS, alive: null });

    await expect(source.sampleWindow(since(from, { ...of, svc }))).rejects.toMatchObject({
      code: 'METRICS_UNAVAILABLE',
    });
  });
});
