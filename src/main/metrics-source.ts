import type { Logger } from 'pino';
import { argoMetricNames, kubernetesMetricNames } from '../adapters/kubernetes/metric-names';
import { findMissingSeries } from '../adapters/prometheus/missing-series';
import { createPrometheusMetricsSource } from '../adapters/prometheus/prometheus-metrics-source';
import { localMetricNames } from '../adapters/prometheus/local-metric-names';
import type { RolloutConfig } from '../config/rollout';
import type { WorkerConfig } from '../config/worker';
import { durationText } from '../domain/plan-duration';
import { SLOWEST_INTERVAL_MS } from '../domain/plan-samples';
import type { MetricNames } from '../domain/metric-source';
import type { MeasuredTrack, MetricsSource } from '../ports/metrics-source';

/** Where the numbers of windows come from: PLURA_METRICS, and the names that the rollout target gives to versions. */
export function createMetricsSource(
  { prometheus, rollout }: Pick<WorkerConfig, 'prometheus' | 'rollout'>,
  timeoutMs: number,
  logger: Logger,
): MetricsSource {
  const options = { ...prometheus, timeoutMs };
  warnOfRareScrapes(options, logger);
  // The local stack starts with none and has them soon.
  if (rollout.kind !== 'runc') void warnOfMissing(options, logger);
  return createPrometheusMetricsSource({
    ...options,
    namesOf: (track) => namesIn(rollout, track),
  });
}

type PrometheusConfig = WorkerConfig['prometheus'] & { readonly timeoutMs: number };

/** The plans are with the API, which refuses them by its own PLURA_SCRAPE_INTERVAL_MS; measured is by this one. */
function warnOfRareScrapes({ scrapeIntervalMs }: PrometheusConfig, logger: Logger): void {
  if (scrapeIntervalMs <= SLOWEST_INTERVAL_MS) return;
  const [scrape, slowest] = [durationText(scrapeIntervalMs), durationText(SLOWEST_INTERVAL_MS)];
  const notice = `PLURA_SCRAPE_INTERVAL_MS says ${scrape}: series sampled more often than that can't be compared, and in prod samples are ${slowest} apart at most`;
  logger.warn({ notice }, 'series of windows could not be compared');
}

/** Nobody waits for it: a release that can't be measured says so itself. */
async function warnOfMissing(options: PrometheusConfig, logger: Logger): Promise<void> {
  try {
    const missing = await findMissingSeries(options, options.definition, new Date());
    for (const notice of missing) logger.warn({ notice }, 'windows could not be measured');
  } catch (error) {
    logger.warn({ error }, 'it is not known whether windows could be measured');
  }
}

function namesIn(rollout: RolloutConfig, track: MeasuredTrack): MetricNames {
  switch (rollout.kind) {
    case 'runc':
      return localMetricNames(track);
    case 'kubernetes':
      return kubernetesMetricNames(rollout, track);
    case 'argo':
      return argoMetricNames(rollout, track);
  }
}
