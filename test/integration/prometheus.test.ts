import { setTimeout as sleep } from 'node:timers/promises';
import { localMetricNames } from '../../src/adapters/prometheus/local-metric-names';
import { createPrometheusMetricsSource } from '../../src/adapters/prometheus/prometheus-metrics-source';
import { METRIC_PRESETS } from '../../src/domain/metric-presets';
import { P95_LATENCY } from '../../src/domain/plan-defaults';
import { rangeMsOf, resolveQuery } from '../../src/domain/plan-query';
import type { ImageRef } from '../../src/domain/reference';
import type { Series } from '../../src/domain/series';
import type { MetricsSource, SeriesQuery, WindowQuery } from '../../src/ports/metrics-source';
import {
  describeMetricsSourceContract,
  type MetricsSourceFixture,
} from '../support/contracts/metrics-source';
import {
  createFakeContainerRuntime,
  type FakeContainerRuntime,
} from '../support/fakes/container-runtime';
import { startPrometheus, type PrometheusServer } from '../support/prometheus-server';
import { startTestTarget, type TestTarget } from '../support/target-process';

jest.setTimeout(60_000);

const image = (digit: string): ImageRef => ({
  repository: 'apps/shop/web',
  digest: `sha256:${digit.repeat(64)}`,
});
const [a, b] = [image('a'), image('b')];
const ROUTER = { definition: METRIC_PRESETS.router, namesOf: localMetricNames };
/** Two scrapes: what was sent is then stored for sure. */
const SETTLE_MS = 2_500;

let runtime: FakeContainerRuntime;
let target: TestTarget;
let prometheus: PrometheusServer;
let source: MetricsSource;

beforeAll(async () => {
  runtime = createFakeContainerRuntime();
  for (const one of [a, b]) {
    runtime.serve(one, (request, answer) => {
      const slow = request.url === '/slow';
      const status = request.url === '/fail' ? 500 : 200;
      setTimeout(() => answer.writeHead(status).end(), slow ? 220 : 0);
    });
  }
  target = await startTestTarget(runtime);
  prometheus = await startPrometheus(target.url);
  source = createPrometheusMetricsSource({
    url: prometheus.url,
    timeoutMs: 5_000,
    scrapeIntervalMs: 1_000,
    ...ROUTER,
  });
});

afterAll(async () => {
  await prometheus.stop();
  await target.close();
});

const now = (): string => new Date().toISOString();

async function send(url: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await (await fetch(url)).text();
  }
}

async function makeStable(svc: string, one: ImageRef, epoch = 1): Promise<string> {
  const write = { svc, env: 'prod' as const, epoch };
  return (await target.rollout.makeStable(write, one, '/', 5_000)).url;
}

async function lastScrapeMs(svc: string): Promise<number> {
  const query = encodeURIComponent(`max(timestamp(plura_router_requests_total{svc="${svc}"}))`);
  const answer = await fetch(`${prometheus.url}/api/v1/query?query=${query}`);
  const { data } = (await answer.json()) as {
    readonly data: { readonly result: readonly [{ readonly value: readonly [number, string] }] };
  };
  return Math.round(Number(data.result[0].value[1]) * 1_000);
}

function window(svc: string, from: string, one = a): WindowQuery {
  return { svc, env: 'prod', digest: one.digest, from, to: now() };
}

function seriesQueries(from: string): MetricsSourceFixture['series'] {
  const selector = 'plura_router_requests_total{svc="contract"}';
  const of = (query: string): SeriesQuery => ({ query, from, to: now(), stepMs: 1_000 });
  return {
    full: of(`sum(${selector})`),
    none: of('sum(nothing_of_this_name)'),
    several: of(selector),
    notANumber: of('vector(0) / vector(0)'),
    infinite: of('vector(1) / vector(0)'),
  };
}

describeMetricsSourceContract('Prometheus', async () => {
  // The router has no series before its first service.
  const started = now();
  const url = await makeStable('contract', a);
  await makeStable('idle', a);
  await send(url, 7);
  await sleep(SETTLE_MS);
  const from = now();
  await send(url, 30);
  await send(`${url}/fail`, 4);
  await sleep(SETTLE_MS);
  return {
    source,
    busy: { query: window('contract', from), requests: 34, errors: 4 },
    idle: window('idle', from),
    late: window('contract', started),
    tooLate: window('contract', new Date(Date.parse(started) - 60_000).toISOString()),
    series: seriesQueries(from),
  };
});

describe('a window on Prometheus', () => {
  it('counts from zero for a container born inside it, codes never seen before included', async () => {
    const from = now();
    const url = await makeStable('newborn', a);
    await send(url, 12);
    await send(`${url}/fail`, 3);
    await sleep(SETTLE_MS);

    expect(await source.sampleWindow(window('newborn', from))).toMatchObject({
      requests: 15,
      errors: 3,
    });
  });

  it('keeps digests apart while they share the traffic', async () => {
    const url = await makeStable('shared', a);
    const write = { svc: 'shared', env: 'prod' as const, epoch: 1 };
    await target.rollout.startCandidate(write, b, '/', 5_000);
    await target.rollout.setCandidatePercent(write, b.digest, 25);
    const from = now();
    await send(url, 200);
    await sleep(SETTLE_MS);

    expect(await source.sampleWindow(window('shared', from, a))).toMatchObject({ requests: 150 });
    expect(await source.sampleWindow(window('shared', from, b))).toMatchObject({ requests: 50 });
  });

  it('counts a digest on as it moves from candidate to stable', async () => {
    await makeStable('moving', a);
    const write = { svc: 'moving', env: 'prod' as const, epoch: 1 };
    await target.rollout.startCandidate(write, b, '/', 5_000);
    const { url } = await target.rollout.setCandidatePercent(write, b.digest, 100);
    const from = now();
    await send(url, 10);
    await makeStable('moving', b);
    await send(url, 10);
    await sleep(SETTLE_MS);

    expect(await source.sampleWindow(window('moving', from, b))).toMatchObject({ requests: 20 });
  });

  it('finds the p95 latency in its bucket', async () => {
    const url = await makeStable('slow', a);
    const from = now();
    await send(`${url}/slow`, 8);
    await sleep(SETTLE_MS);

    const { p95Ms } = await source.sampleWindow(window('slow', from));

    expect(p95Ms).toBeGreaterThan(200);
    expect(p95Ms).toBeLessThan(400);
  });

  it('counts a dead container as errors', async () => {
    const url = await makeStable('dead', a);
    const from = now();
    await runtime.crash(`prod.dead.${a.digest.slice(7, 23)}`);
    await send(url, 1);
    await sleep(SETTLE_MS);

    expect(await source.sampleWindow(window('dead', from))).toMatchObject({ errors: 1 });
  });

  it('can not be measured for what was never there', async () => {
    await expect(
      source.sampleWindow(window('nobody', new Date(Date.now() - 5_000).toISOString())),
    ).rejects.toMatchObject({ code: 'METRICS_UNAVAILABLE' });
  });

  it('takes hostile names literally', async () => {
    await expect(
      source.sampleWindow(window('x"} or vector(1) or {svc="', new Date(0).toISOString())),
    ).rejects.toMatchObject({ code: 'METRICS_UNAVAILABLE' });
  });
});

describe('a series on Prometheus', () => {
  it('is the p95 latency that plans compare by themselves, of one track and one service', async () => {
    const url = await makeStable('latency', a);
    const write = { svc: 'latency', env: 'prod' as const, epoch: 1 };
    await target.rollout.startCandidate(write, b, '/', 5_000);
    await target.rollout.setCandidatePercent(write, b.digest, 50);
    const from = now();
    const sending = Date.now() + 6_000;
    while (Date.now() < sending) await send(`${url}/slow`, 2);
    const to = now();
    await sleep(SETTLE_MS);
    const of = ({ digest: version }: ImageRef): Promise<Series> => {
      const at = { svc: 'latency', env: 'prod', digest: version } as const;
      const names = source.namesOf(at);
      const values = { service: 'latency', env: 'prod', version, windowMs: 3_000, names } as const;
      const query = resolveQuery(P95_LATENCY.query, values);
      return source.sampleSeries({ query, from, to, stepMs: 3_000 });
    };

    const last = (await Promise.all([a, b].map(of))).map(({ values }) => values.at(-1) ?? null);

    for (const seconds of last) {
      expect(seconds).toBeGreaterThan(0.2);
      expect(seconds).toBeLessThan(0.4);
    }
  });

  it('tells of each increment once, sampled as often as scraped: neighbours share nothing', async () => {
    const scrapeMs = 1_000;
    const url = await makeStable('apart', a);
    await sleep(SETTLE_MS);
    // Moments half-way between scrapes: a scrape that comes a little late stays on its side of them.
    const fromMs = (await lastScrapeMs('apart')) + scrapeMs / 2;
    const requests = 4;
    for (let n = 0; n < requests; n += 1) {
      await send(`${url}/slow`, 1);
      await sleep(3 * scrapeMs);
    }
    const names = source.namesOf({ svc: 'apart', env: 'prod', digest: a.digest });
    const windowMs = rangeMsOf(scrapeMs, scrapeMs);
    const values = { service: 'apart', env: 'prod', version: a.digest, windowMs, names } as const;

    const series = await source.sampleSeries({
      query: resolveQuery(P95_LATENCY.query, values),
      from: new Date(fromMs).toISOString(),
      to: now(),
      stepMs: scrapeMs,
    });

    const seen = series.values.filter((value) => value !== null && Number.isFinite(value));
    expect(seen).toHaveLength(requests);
  });

  it('has null before the container was there, and NaN while nothing was asked of it', async () => {
    const from = new Date(Date.now() - 6_000).toISOString();
    await makeStable('quiet', a);
    await sleep(7_000);
    const at = { svc: 'quiet', env: 'prod', digest: a.digest } as const;
    const names = source.namesOf(at);
    const values = {
      service: 'quiet',
      env: 'prod',
      version: a.digest,
      windowMs: 3_000,
      names,
    } as const;
    const query = resolveQuery(P95_LATENCY.query, values);

    const series = await source.sampleSeries({ query, from, to: now(), stepMs: 3_000 });

    expect(series.values[0]).toBeNull();
    expect(series.values.at(-1)).toBeNaN();
  });
});

describe('a router that can not be scraped', () => {
  it('was not seen before the window: what it counted before is not of it', async () => {
    const url = await makeStable('unseen', a);
    await send(url, 500);
    const late = await startPrometheus(target.url);
    // Before its first scrape, however long it took to start.
    const from = new Date(Date.now() - 3_000).toISOString();
    const watched = createPrometheusMetricsSource({
      url: late.url,
      timeoutMs: 5_000,
      scrapeIntervalMs: 1_000,
      ...ROUTER,
    });
    await sleep(2 * SETTLE_MS);
    await send(url, 20);
    await sleep(SETTLE_MS);

    const { requests } = await watched.sampleWindow(window('unseen', from));

    await late.stop();
    expect(requests).toBe(20);
  });

  it('gives old samples, and later none, but never a quiet window', async () => {
    const lonely = await startTestTarget(createFakeContainerRuntime());
    const watching = await startPrometheus(lonely.url);
    const watched = createPrometheusMetricsSource({
      url: watching.url,
      timeoutMs: 5_000,
      scrapeIntervalMs: 1_000,
      ...ROUTER,
    });
    const write = { svc: 'lonely', env: 'prod' as const, epoch: 1 };
    const { url } = await lonely.rollout.makeStable(write, a, '/', 5_000);
    await sleep(SETTLE_MS);
    const from = now();
    await send(url, 5);
    await sleep(SETTLE_MS);
    await lonely.close();
    await sleep(4_000);

    const series = await watched.sampleSeries({
      query: 'sum(plura_router_requests_total{svc="lonely"})',
      from,
      to: now(),
      stepMs: 500,
    });
    const partly = await watched.sampleWindow(window('lonely', from));
    const silent = watched.sampleWindow(
      window('lonely', new Date(Date.now() - 2_000).toISOString()),
    );

    expect(series.values).toContain(5);
    expect(series.values.at(-1)).toBeNull();
    expect(partly.freshnessMs).toBeGreaterThan(2_500);
    await expect(silent).rejects.toMatchObject({ code: 'METRICS_UNAVAILABLE' });
    await watching.stop();
    await expect(watched.ping()).rejects.toMatchObject({ code: 'METRICS_UNAVAILABLE' });
  });
});
