import type { MetricNames } from '../../domain/metric-source';
import type { MeasuredTrack } from '../../ports/metrics-source';

/** What a version is called by the local target, whose environments are its namespaces. Its router knows digests. */
export function localMetricNames({
  svc,
  env,
  digest,
  track = 'candidate',
  alone = false,
}: MeasuredTrack): MetricNames {
  return {
    service: svc,
    env,
    version: digest,
    track,
    namespace: env,
    route: svc,
    backend: `${svc}-${digest.slice(7, 19)}`,
    position: track === 'stable' || alone ? '0' : '1',
  };
}
