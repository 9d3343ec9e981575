import type { Plan } from './plan';
import { durationText } from './plan-duration';
import type { PlanFinding } from './plan-finding';
import { SLOWEST_INTERVAL_MS } from './plan-samples';
import { windowsOf } from './plan-windows';

/**
 * Between two scrapes there is nothing new: samples that are taken more often show the same increments again, and can't be told from
 * samples that depend on each other, by which no regression is seen however large it is.
 */
export function lintScrapes(plan: Plan, scrapeIntervalMs: number): readonly PlanFinding[] {
  const { metrics, sampleIntervalMs } = plan.judge;
  const isCompared = windowsOf(plan).some(({ windowMs, percent }) => windowMs > 0 && percent < 100);
  if (metrics.length === 0 || !isCompared || scrapeIntervalMs <= sampleIntervalMs) return [];
  const [scrape, sample] = [durationText(scrapeIntervalMs), durationText(sampleIntervalMs)];
  const scrapeMore = (most: string): string =>
    `let Prometheus scrape every ${most} or more often, and say so in PLURA_SCRAPE_INTERVAL_MS`;
  return [
    {
      path: 'judge.sampleInterval',
      severity: 'error',
      message: `${sample} is shorter than the ${scrape} between scrapes: samples would repeat each other, and no regression could be told by them`,
      remedy:
        scrapeIntervalMs > SLOWEST_INTERVAL_MS
          ? `${scrapeMore(sample)}; or compare no series: judge.metrics: []`
          : `at least ${scrape}; or ${scrapeMore(sample)}`,
    },
  ];
}
