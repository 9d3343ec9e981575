import type { MetricNames } from '../../domain/metric-source';
import type { MeasuredTrack } from '../../ports/metrics-source';
import { objectName, runName } from './names';
import type { ArgoOptions, ClusterTargetOptions } from './options';

/** What a version is called by the gateway of the Kubernetes target. */
export function kubernetesMetricNames(
  { namespaces }: Pick<ClusterTargetOptions, 'namespaces'>,
  { svc, env, digest, track = 'candidate', alone = false }: MeasuredTrack,
): MetricNames {
  return {
    service: svc,
    env,
    version: digest,
    track,
    namespace: namespaces[env],
    route: objectName(svc),
    backend: runName(svc, digest),
    // `backendRefs` names stable first, and the candidate alone where there is no other.
    position: track === 'stable' || alone ? '0' : '1',
  };
}

/** Argo Rollouts names its Services by what they are for; a first version is promoted at once, so it is the stable one. */
export function argoMetricNames(
  { namespaces, services }: Pick<ArgoOptions, 'namespaces' | 'services'>,
  { svc, env, digest, track = 'candidate', alone = false }: MeasuredTrack,
): MetricNames {
  const route = objectName(svc);
  const where = track === 'stable' || alone ? 'stable' : 'candidate';
  return {
    service: svc,
    env,
    version: digest,
    track: where,
    namespace: namespaces[env],
    route,
    backend: services[where].replaceAll('{svc}', route),
    position: where === 'stable' ? '0' : '1',
  };
}
