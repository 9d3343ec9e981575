import type { MetricDefinition, MetricNames } from '../../domain/metric-source';
import type {
  MeasuredTrack,
  MetricsSource,
  WindowQuery,
  WindowSample,
} from '../../ports/metrics-source';
import { createWasStored, type WasStored } from './baseline';
import {
  ageExpression,
  firstScrapeExpression,
  windowExpressions,
  windowSelectors,
  type WindowExpressions,
  type WindowSelectors,
} from './expressions';
import { whyNoSample } from './missing-series';
import {
  checkReady,
  noSamples,
  queryValue,
  unavailable,
  type PrometheusOptions,
} from './prometheus-http';
import { sampleSeries } from './series';

export interface PrometheusMetricsOptions extends PrometheusOptions {
  /** How often Prometheus scrapes what counts the requests. */
  readonly scrapeIntervalMs: number;
  /** Where the numbers come from. */
  readonly definition: MetricDefinition;
  /** What a version is called there. */
  readonly namesOf: (track: MeasuredTrack) => MetricNames;
}

type AskingOptions = PrometheusMetricsOptions & { readonly wasStored: WasStored };

type Range = Pick<WindowQuery, 'from' | 'to'>;

/** Share of a window that has to be counted: what is said of the rest of it is a guess. */
const LEAST_COVERED = 0.5;

interface Asked {
  readonly name: string;
  readonly expr: string;
  readonly value: number | null;
}

/** Judges by what Prometheus has stored of a router's, gateway's or mesh's counters; it keeps no samples itself. */
export function createPrometheusMetricsSource(options: PrometheusMetricsOptions): MetricsSource {
  const { definition, namesOf } = options;
  const asking = { ...options, wasStored: createWasStored(options) };
  return {
    sampleWindow: (query) => sampleWindow(asking, query),
    sampleSeries: (query) => sampleSeries(options, query),
    namesOf: (track) => {
      const names = namesOf(track);
      const { requests, errors, durations } = windowSelectors(definition, names);
      const { namespace, route, backend, position } = names;
      return {
        texts: { track: names.track, namespace, route, backend, position },
        selectors: { requests, errors, durations },
      };
    },
    ping: () => checkReady(options),
  };
}

/** A series of this version may be born in the window: whether the source was scraped before it, any of its series tells. */
async function hasBaseline(
  { wasStored }: AskingOptions,
  { source }: WindowSelectors,
  from: string,
): Promise<boolean> {
  const stored = await Promise.all(source.map((series) => wasStored(series, from)));
  return stored.includes(true);
}

async function sampleWindow(options: AskingOptions, query: WindowQuery): Promise<WindowSample> {
  const { definition, namesOf, scrapeIntervalMs } = options;
  const selectors = windowSelectors(definition, namesOf(query));
  const expressionsOf = (exact: boolean, { from, to }: Range = query): WindowExpressions =>
    windowExpressions(selectors, { from, to }, scrapeIntervalMs, exact);
  const ask = (name: keyof WindowExpressions, from: WindowExpressions): Promise<Asked> =>
    askFor(options, name, from[name], query.to);

  const exact = expressionsOf(true);
  const [age, resets, isEarly] = await Promise.all([
    ask('ageSeconds', exact),
    ask('resets', exact),
    hasBaseline(options, selectors, query.from),
  ]);
  const isLate = !isEarly;
  if (age.value === null) {
    return withoutSeries(options, query, selectors, { age, isLate });
  }
  const late = isLate ? await lateStart(options, query, selectors) : null;
  const expressions = expressionsOf((resets.value ?? 0) === 0, late?.range);
  const [requests, errors, p95] = await Promise.all([
    ask('requests', expressions),
    ask('errors', expressions),
    ask('p95Seconds', expressions),
  ]);
  const counted = countsOf(requests, errors);
  return {
    ...counted,
    p95Ms: counted.requests === 0 || p95.value === null ? null : p95.value * 1000,
    freshnessMs: freshnessOf(age.value),
    ...(late && { countedFrom: late.range.from }),
    queries: [age, resets, ...(late?.queries ?? []), requests, errors, p95].map((one) =>
      asEvidence(one),
    ),
  };
}

/**
 * Nothing of the source was stored before the window (an outage, or a new scrape job), so a counter's value before it is not known,
 * and taken as zero it would count all the life of the series. Counted is from the first scrape on, when each target had one: if that
 * leaves less than half of the window, nobody can say how the window was.
 */
async function lateStart(
  options: PrometheusMetricsOptions,
  query: WindowQuery,
  { source }: WindowSelectors,
): Promise<{ readonly range: Range; readonly queries: readonly Asked[] }> {
  const { scrapeIntervalMs } = options;
  const { from, to } = query;
  const expr = firstScrapeExpression(source, query, scrapeIntervalMs);
  const first = await askFor(options, 'firstScrapeSeconds', expr, to);
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const startMs = Math.max(fromMs, (first.value ?? Infinity) * 1000 + scrapeIntervalMs);
  const coveredMs = Math.max(0, toMs - startMs);
  if (coveredMs === 0 || coveredMs < (toMs - fromMs) * LEAST_COVERED) {
    throw noSamples(
      `nothing of ${source.join(' or ')} was stored before ${from}, and up to ${to} only the last ${coveredMs} ms can be counted: less than half of the window`,
    );
  }
  return { range: { from: new Date(startMs).toISOString(), to }, queries: [first] };
}

/** Gateways make the series of a version with its first request: while they are scraped, none means no request. */
async function withoutSeries(
  options: PrometheusMetricsOptions,
  query: WindowQuery,
  selectors: WindowSelectors,
  { age, isLate }: { readonly age: Asked; readonly isLate: boolean },
): Promise<WindowSample> {
  const { svc, env, digest, from, to } = query;
  const alive =
    selectors.alive === null
      ? null
      : await askFor(
          options,
          'aliveAgeSeconds',
          ageExpression(selectors.alive, query, options.scrapeIntervalMs),
          to,
        );
  if (alive === null || alive.value === null) {
    const why = await whyNoSample(options, selectors.requests, alive && selectors.alive, to);
    const what = `no sample of ${svc} in ${env} at ${digest} from ${from} to ${to}`;
    // Where nothing shows that the gateway is scraped, nobody looked.
    throw alive === null ? noSamples(`${what}: ${why}`) : unavailable(`${what}: ${why}`);
  }
  const late = isLate ? await lateStart(options, query, selectors) : null;
  return {
    requests: 0,
    errors: 0,
    p95Ms: null,
    freshnessMs: freshnessOf(alive.value),
    ...(late && { countedFrom: late.range.from }),
    queries: [age, alive, ...(late?.queries ?? [])].map((one) => asEvidence(one)),
  };
}

async function askFor(
  options: PrometheusOptions,
  name: string,
  expr: string,
  time: string,
): Promise<Asked> {
  return { name, expr, value: await queryValue(options, expr, time) };
}

function freshnessOf(ageSeconds: number): number {
  return Math.max(0, Math.round(ageSeconds * 1000));
}

/** Whole requests: `increase()` gives fractions, and half an error is none to judge by. Errors are rounded up. */
function countsOf(
  requests: Asked,
  errors: Asked,
): { readonly requests: number; readonly errors: number } {
  if (requests.value === null) {
    throw unavailable(`no request counter in the window: ${requests.expr}`);
  }
  const failed = Math.ceil(errors.value ?? 0);
  return { requests: Math.max(Math.round(requests.value), failed), errors: failed };
}

/** JSON keeps no NaN. */
function asEvidence({ name, expr, value }: Asked): WindowSample['queries'][number] {
  return { name, expr, value: value !== null && Number.isFinite(value) ? value : null };
}
