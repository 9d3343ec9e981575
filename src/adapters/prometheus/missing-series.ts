import { ReleaseError } from '../../contract/errors';
import { queryValue, type PrometheusOptions } from './prometheus-http';
import type { MetricDefinition } from '../../domain/metric-source';

/** Why there is no sample, for the sentence that says so: nothing scraped, or other names than those looked for. */
export async function whyNoSample(
  options: PrometheusOptions,
  requests: string,
  alive: string | null,
  time: string,
): Promise<string> {
  const metric = requests.slice(0, requests.indexOf('{'));
  const count = await countOf(options, metric, time);
  if (count === null) return 'and Prometheus did not say why';
  const gone = alive === null ? '' : `, and none of ${alive}`;
  return count === 0
    ? `Prometheus has no series of ${metric} at all${gone}`
    : `Prometheus has ${count} series of ${metric}, none of them ${requests}${gone}`;
}

/**
 * What the deployment should look at before a release needs it, one sentence each: metrics that Prometheus has no series of.
 * Right after the first start of a gateway there is nothing wrong with that.
 */
export async function findMissingSeries(
  options: PrometheusOptions,
  { name, requests, durations, alive }: MetricDefinition,
  now: Date,
): Promise<readonly string[]> {
  const metrics = [requests, durations, ...(alive ? [alive] : [])].map(({ metric }) => metric);
  const counts = await Promise.all(
    metrics.map((metric) => countOf(options, metric, now.toISOString())),
  );
  return metrics.flatMap((metric, index) =>
    counts[index] === 0
      ? [`PLURA_METRICS=${name} reads ${metric}, and Prometheus has no series of that name`]
      : [],
  );
}

/** Null when Prometheus did not answer. */
async function countOf(
  options: PrometheusOptions,
  metric: string,
  time: string,
): Promise<number | null> {
  try {
    return (await queryValue(options, `count(${metric})`, time)) ?? 0;
  } catch (error) {
    if (error instanceof ReleaseError) return null;
    throw error;
  }
}
