import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { MetricNames } from '../../src/domain/metric-source';

/** Whose metrics it shows; `pods` are those of the services themselves, labelled by their scrape. */
export type Shape = 'istio' | 'envoy-gateway' | 'kgateway' | 'pods';

type Labels = Readonly<Record<string, string>>;

export interface GatewayExporter {
  readonly url: string;
  /** So many answers of a version with that status code after so many milliseconds. */
  answer(shape: Shape, names: MetricNames, code: number, ms: number, times: number): void;
  /** The series of the version go, as with the cluster or the proxy that had them. */
  forget(shape: Shape, names: MetricNames): void;
  /** Every counter begins again at zero, as after a restart of the proxy. */
  restart(): void;
  stop(): Promise<void>;
}

/** Envoy's default buckets; Istio's are the same. */
const BUCKETS_MS = [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];
const ALIVE = [
  'istio_build{component="proxy",tag="1.27.0"} 1',
  'istio_build{component="pilot",tag="1.27.0"} 1',
  'envoy_server_live{} 1',
];

/** Plays the Prometheus endpoint of a gateway's proxies, in the shape that each has by its documentation. */
export async function startGatewayExporter(): Promise<GatewayExporter> {
  const series = new Map<string, number>();
  const add = (metric: string, labels: Labels, count: number): void => {
    const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const name = `${metric}{${pairs.join(',')}}`;
    series.set(name, (series.get(name) ?? 0) + count);
  };
  const server = createServer((_request, response) => {
    const types = [...new Set([...series.keys()].map(typeOf))];
    const samples = [...series].map(([name, value]) => `${name} ${value}`);
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`${[...types, ...samples.sort(), ...ALIVE].join('\n')}\n`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (shape, names, code, ms, times) => {
      SHAPES[shape](names, code).forEach(({ count, durations, labels, scale }) => {
        add(count, labels.count, times);
        const seen = BUCKETS_MS.filter((le) => ms <= le);
        for (const le of [...seen.map((one) => String(one * scale)), '+Inf']) {
          add(`${durations}_bucket`, { ...labels.durations, le }, times);
        }
        add(`${durations}_count`, labels.durations, times);
        add(`${durations}_sum`, labels.durations, times * ms * scale);
      });
    },
    forget: (shape, names) => {
      const mark = markOf(shape, names);
      for (const name of [...series.keys()].filter((one) => one.includes(mark))) {
        series.delete(name);
      }
    },
    restart: () => {
      for (const name of series.keys()) series.set(name, 0);
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function typeOf(series: string): string {
  const name = series.slice(0, series.indexOf('{'));
  const base = name.replace(/_(?:bucket|count|sum)$/, '');
  return base === name ? `# TYPE ${name} counter` : `# TYPE ${base} histogram`;
}

interface Recorded {
  readonly count: string;
  readonly durations: string;
  readonly labels: { readonly count: Labels; readonly durations: Labels };
  /** From milliseconds to the unit of the histogram. */
  readonly scale: number;
}

const SHAPES: Readonly<Record<Shape, (names: MetricNames, code: number) => readonly Recorded[]>> = {
  // Both ends of a call report it, and count it once each.
  istio: ({ backend, namespace, service }, code) =>
    ['source', 'destination'].map((reporter) => {
      const labels = {
        reporter,
        source_workload: 'public-istio',
        destination_workload: backend,
        destination_app: service,
        destination_service: `${backend}.${namespace}.svc.cluster.local`,
        destination_service_name: backend,
        destination_service_namespace: namespace,
        request_protocol: 'http',
        response_code: String(code),
      };
      return {
        count: 'istio_requests_total',
        durations: 'istio_request_duration_milliseconds',
        labels: { count: labels, durations: labels },
        scale: 1,
      };
    }),
  'envoy-gateway': (names, code) => envoy(markOf('envoy-gateway', names), code),
  kgateway: (names, code) => envoy(markOf('kgateway', names), code),
  pods: (names, code) => {
    const labels = { pod: `${markOf('pods', names)}-7d9c5-x2x4k`, namespace: names.namespace };
    return [
      {
        count: 'http_requests_total',
        durations: 'http_request_duration_seconds',
        labels: { count: { ...labels, status: String(code) }, durations: labels },
        scale: 0.001,
      },
    ];
  },
};

function envoy(cluster: string, code: number): readonly Recorded[] {
  const labels = { envoy_cluster_name: cluster };
  return [
    {
      count: 'envoy_cluster_upstream_rq_xx',
      durations: 'envoy_cluster_upstream_rq_time',
      labels: {
        count: { ...labels, envoy_response_code_class: String(code).slice(0, 1) },
        durations: labels,
      },
      scale: 1,
    },
  ];
}

/** What only series of that version hold. */
function markOf(shape: Shape, { namespace, route, backend, position }: MetricNames): string {
  switch (shape) {
    case 'envoy-gateway':
      return `httproute/${namespace}/${route}/rule/0/backend/${position}`;
    case 'kgateway':
      return `kube_${namespace}_${backend}_80`;
    case 'istio':
    case 'pods':
      return backend;
  }
}
