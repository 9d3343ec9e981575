import { Counter, Histogram, type Registry } from 'prom-client';

export interface RouteLabels {
  readonly svc: string;
  readonly env: string;
  readonly track: string;
  readonly digest: string;
}

export interface RouterMetrics {
  observe(labels: RouteLabels, code: number, seconds: number): void;
  /** Makes the usual series at zero, so that the first scrape already is a baseline to count from. */
  begin(labels: RouteLabels): void;
  /** Drops the series of a digest that no longer runs there, or they would pile up for ever. */
  forget(svc: string, env: string, digest: string): void;
}

const BUCKETS_MS = [
  1, 2, 3, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 100, 125, 150, 175, 200, 250, 300, 350, 400,
  450, 500, 600, 750, 1_000, 1_250, 1_500, 2_000, 3_000, 5_000, 7_500, 10_000, 30_000,
];
const USUAL_CODES = ['200', '404', '500', '502', '503'];

const LABELS = ['svc', 'env', 'track', 'digest'] as const;

const keyOf = ({ svc, env, track, digest }: RouteLabels): string =>
  JSON.stringify([svc, env, track, digest]);

export function createRouterMetrics(registry: Registry): RouterMetrics {
  const requests = new Counter({
    name: 'plura_router_requests_total',
    help: 'Requests answered through the router, by HTTP status code; 502 and 504 are the router’s own for a dead track.',
    labelNames: [...LABELS, 'code'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'plura_router_request_duration_seconds',
    help: 'From the request at the router to the end of the answer.',
    labelNames: [...LABELS],
    buckets: BUCKETS_MS.map((ms) => ms / 1000),
    registers: [registry],
  });
  const seen = new Map<string, { labels: RouteLabels; codes: Set<string> }>();

  function remember(labels: RouteLabels): { labels: RouteLabels; codes: Set<string> } {
    const key = keyOf(labels);
    const known = seen.get(key) ?? { labels, codes: new Set() };
    seen.set(key, known);
    return known;
  }

  return {
    observe: (labels, code, seconds) => {
      remember(labels).codes.add(String(code));
      requests.inc({ ...labels, code: String(code) });
      durations.observe({ ...labels }, seconds);
    },
    begin: (labels) => {
      if (seen.has(keyOf(labels))) {
        return;
      }
      const { codes } = remember(labels);
      for (const code of USUAL_CODES) {
        codes.add(code);
        requests.inc({ ...labels, code }, 0);
      }
      durations.zero({ ...labels });
    },
    forget: (svc, env, digest) => {
      for (const [key, { labels, codes }] of seen) {
        if (labels.svc === svc && labels.env === env && labels.digest === digest) {
          seen.delete(key);
          codes.forEach((code) => {
            requests.remove({ ...labels, code });
          });
          durations.remove({ ...labels });
        }
      }
    },
  };
}
