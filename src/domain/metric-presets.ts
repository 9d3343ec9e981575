import type { LabelMatch, MetricDefinition } from './metric-source';

function equal(labels: Readonly<Record<string, string>>): readonly LabelMatch[] {
  return Object.entries(labels).map(([label, value]) => ({ label, is: '=', value }));
}

function pattern(label: string, value: string): LabelMatch {
  return { label, is: '=~', value };
}

/** The local target's own router (src/local/target/router/router-metrics.ts). It begins each version's series at zero. */
const ROUTER = equal({ svc: '{{service}}', env: '{{env}}', digest: '{{version}}' });

/**
 * "Istio Standard Metrics", istio.io/latest/docs/reference/config/metrics: reporter, destination_service_name,
 * destination_service_namespace, response_code; durations in milliseconds. `source` is the proxy that sends: of the gateway. Each
 * proxy shows `istio_build` with component="proxy" from its start.
 */
const ISTIO = equal({
  reporter: 'source',
  destination_service_name: '{{backend}}',
  destination_service_namespace: '{{namespace}}',
});

/**
 * Envoy, "Cluster manager, Statistics, Dynamic HTTP statistics": upstream_rq_<*xx> and upstream_rq_time (milliseconds), as its
 * Prometheus endpoint names them (gateway.envoyproxy.io, "Proxy Metrics"). `server.live` is there from its start.
 */
function envoy(name: string, cluster: string): MetricDefinition {
  const match = equal({ envoy_cluster_name: cluster });
  return {
    name,
    requests: { metric: 'envoy_cluster_upstream_rq_xx', match },
    errors: {
      metric: 'envoy_cluster_upstream_rq_xx',
      match: [...match, ...equal({ envoy_response_code_class: '5' })],
    },
    durations: { metric: 'envoy_cluster_upstream_rq_time_bucket', match },
    durationUnit: 'milliseconds',
    alive: { metric: 'envoy_server_live', match: [] },
  };
}

export const METRIC_PRESETS = {
  router: {
    name: 'router',
    requests: { metric: 'plura_router_requests_total', match: ROUTER },
    errors: { metric: 'plura_router_requests_total', match: [...ROUTER, pattern('code', '5..')] },
    durations: { metric: 'plura_router_request_duration_seconds_bucket', match: ROUTER },
    durationUnit: 'seconds',
    alive: null,
  },
  istio: {
    name: 'istio',
    requests: { metric: 'istio_requests_total', match: ISTIO },
    errors: { metric: 'istio_requests_total', match: [...ISTIO, pattern('response_code', '5..')] },
    durations: { metric: 'istio_request_duration_milliseconds_bucket', match: ISTIO },
    durationUnit: 'milliseconds',
    alive: { metric: 'istio_build', match: equal({ component: 'proxy' }) },
  },
  /**
   * One Envoy cluster for each rule, `httproute/{namespace}/{route}/rule/0`, and one for each backend, `…/backend/{n}`, only where
   * backends have filters (envoyproxy/gateway issues 6742, 7008): the Kubernetes target then gives them one
   * (PLURA_KUBERNETES_VERSION_HEADER).
   */
  'envoy-gateway': envoy(
    'envoy-gateway',
    'httproute/{{namespace}}/{{route}}/rule/0/backend/{{position}}',
  ),
  /** One Envoy cluster for each Service and port, `kube_httpbin_httpbin_8000` (kgateway.dev, "Gateway proxy metrics"). */
  kgateway: envoy('kgateway', 'kube_{{namespace}}_{{backend}}_80'),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricPreset = keyof typeof METRIC_PRESETS;

export function isMetricPreset(name: string): name is MetricPreset {
  return Object.hasOwn(METRIC_PRESETS, name);
}
