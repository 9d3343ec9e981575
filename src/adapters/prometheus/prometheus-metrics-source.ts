import type { MetricsSource, WindowQuery, WindowSample } from '../../ports/metrics-source';
import { windowExpressions, type WindowExpressions } from './expressions';
import { checkReady, queryValue, unavailable, type PrometheusOptions } from './prometheus-http';
import { sampleSeries } from './series';

export interface PrometheusMetricsOptions extends PrometheusOptions {
  /** How often Prometheus scrapes the router. */
  readonly scrapeIntervalMs: number;
}

type Name = keyof WindowExpressions;
interface Asked {
  readonly name: Name;
  readonly expr: string;
  readonly value: number | null;
}

/** Judges by what Prometheus has stored of the router's counters; it keeps no samples itself. */
export function createPrometheusMetricsSource(options: PrometheusMetricsOptions): MetricsSource {
  return {
    sampleWindow: (query) => sampleWindow(options, query),
    sampleSeries: (query) => sampleSeries(options, query),
    ping: () => checkReady(options),
  };
}

async function sampleWindow(
  options: PrometheusMetricsOptions,
  query: WindowQuery,
): Promise<WindowSample> {
  const exact = windowExpressions(query, options.scrapeIntervalMs, true);
  const ask = (name: Name, expressions: WindowExpressions): Promise<Asked> =>
    queryValue(options, expressions[name], query.to).then((value) => {
      return { name, expr: expressions[name], value };
    });

  const [age, resets] = await Promise.all([ask('ageSeconds', exact), ask('resets', exact)]);
  if (age.value === null) {
    throw unavailable(
      `no sample of ${query.svc} in ${query.env} at ${query.digest} from ${query.from} to ${query.to}`,
    );
  }
  const expressions =
    (resets.value ?? 0) > 0 ? windowExpressions(query, options.scrapeIntervalMs, false) : exact;
  const [requests, errors, p95] = await Promise.all([
    ask('requests', expressions),
    ask('errors', expressions),
    ask('p95Seconds', expressions),
  ]);
  const counted = countsOf(requests, errors);
  return {
    ...counted,
    p95Ms: counted.requests === 0 || p95.value === null ? null : p95.value * 1000,
    freshnessMs: Math.max(0, Math.round(age.value * 1000)),
    queries: [age, resets, requests, errors, p95].map((one) => asEvidence(one)),
  };
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
