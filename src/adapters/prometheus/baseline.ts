import { LRUCache } from 'lru-cache';
import { queryValue, type PrometheusOptions } from './prometheus-http';

/** How far before the window a counter's last value counts as its baseline, so a scrape gap doesn't lose it. */
export const BASELINE_MS = 15 * 60_000;

const MAX_METRICS = 100;
/** Moments kept of each; the oldest go first. */
const MAX_MOMENTS = 200;

/** Whether anything of a metric, of whatever series, was stored in the 15 minutes before `from` (RFC 3339). */
export type WasStored = (metric: string, from: string) => Promise<boolean>;

/**
 * The question goes to every series of the source, so each answer is kept: a sample at one moment is the baseline of all windows that
 * begin in the 15 minutes after it, of whatever service.
 */
export function createWasStored(options: PrometheusOptions): WasStored {
  const moments = new LRUCache<string, number[]>({ max: MAX_METRICS });
  const asked = new Map<string, Promise<unknown>>();

  function isKnown(metric: string, fromMs: number): boolean {
    const known = moments.get(metric) ?? [];
    return known.some((atMs) => atMs <= fromMs && fromMs <= atMs + BASELINE_MS);
  }

  function remember(metric: string, atMs: number): void {
    const known = moments.get(metric) ?? [];
    moments.set(metric, [...known, atMs].slice(-MAX_MOMENTS));
  }

  async function ask(metric: string, from: string): Promise<boolean> {
    const seconds = await queryValue(options, `max(timestamp(${metric}))`, from);
    if (seconds !== null) {
      remember(metric, seconds * 1000);
      return true;
    }
    // Nothing in Prometheus' own lookback of 5 minutes: dearer, and rare.
    const expr = `count(last_over_time(${metric}[${BASELINE_MS}ms]))`;
    return (await queryValue(options, expr, from)) !== null;
  }

  return async (metric, from) => {
    const fromMs = Date.parse(from);
    if (isKnown(metric, fromMs)) return true;
    // Many windows begin at once: most likely the answer to another serves. Waited for once, or an outage would be waited for in turn.
    const running = asked.get(metric);
    if (running) {
      await running.catch(() => undefined);
      if (isKnown(metric, fromMs)) return true;
    }
    const answer = ask(metric, from).finally(() => {
      if (asked.get(metric) === answer) asked.delete(metric);
    });
    asked.set(metric, answer);
    return answer;
  };
}
