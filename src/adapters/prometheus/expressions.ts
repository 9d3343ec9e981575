import type { WindowQuery } from '../../ports/metrics-source';

const REQUESTS_METRIC = 'plura_router_requests_total';
const BUCKETS_METRIC = 'plura_router_request_duration_seconds_bucket';

/** How far before the window a counter's last value counts as its baseline, so a scrape gap doesn't lose it. */
const BASELINE = '15m';
/** A restart a little before the window still spoils the baseline. */
const RESET_MARGIN_MS = 60_000;

export interface WindowExpressions {
  readonly requests: string;
  readonly errors: string;
  readonly p95Seconds: string;
  readonly ageSeconds: string;
  readonly resets: string;
}

/**
 * PromQL for one window, to be asked at its end. `exact` takes each counter's last value in the window minus its
 * value before it, or zero for a series born inside. `increase()` would extrapolate and lose the first sample of a
 * new series, which in short windows is most of the truth; it serves (`exact` false) only after a counter reset,
 * where differences lie.
 */
export function windowExpressions(
  query: WindowQuery,
  scrapeIntervalMs: number,
  exact: boolean,
): WindowExpressions {
  const windowMs = Math.max(1, Date.parse(query.to) - Date.parse(query.from));
  const window = `${windowMs}ms`;
  const requests = selector(REQUESTS_METRIC, query);
  const errors = selector(REQUESTS_METRIC, query, 'code=~"5.."');
  const growth = (series: string): string =>
    exact ? difference(series, window) : `increase(${series}[${window}])`;
  const step = `${Math.max(scrapeIntervalMs, Math.ceil(windowMs / 120))}ms`;
  return {
    requests: `sum(${growth(requests)})`,
    errors: `sum(${growth(errors)})`,
    p95Seconds: `histogram_quantile(0.95, sum by (le) (${growth(selector(BUCKETS_METRIC, query))}))`,
    // A target that can't be scraped is marked stale and has no timestamp now: then the newest one in the window.
    ageSeconds: `time() - (max(timestamp(${requests})) or max(max_over_time(timestamp(${requests})[${window}:${step}])))`,
    resets: `sum(resets(${requests}[${windowMs + RESET_MARGIN_MS}ms]))`,
  };
}

function difference(series: string, window: string): string {
  const last = `last_over_time(${series}[${window}])`;
  const before = `last_over_time(${series}[${BASELINE}] offset ${window})`;
  return `${last} - (${before} or ${last} * 0)`;
}

function selector(metric: string, { svc, env, digest }: WindowQuery, extra?: string): string {
  const labels = [`svc=${quote(svc)}`, `env=${quote(env)}`, `digest=${quote(digest)}`];
  return `${metric}{${[...labels, ...(extra === undefined ? [] : [extra])].join(',')}}`;
}

/** PromQL string literal (querying basics, "String literals"). */
function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}
