import { createServer } from 'node:http';
import { Registry } from 'prom-client';
import type { Digest } from '../../src/domain/digest';
import {
  createRouterMetrics,
  type RouteLabels,
} from '../../src/local/target/router/router-metrics';

const TICK_MS = 500;
/** Of each service; the observation wants 20 in its window. */
const REQUESTS_PER_TICK = 1;

/** Stands in for the routers of many services: the series of the real one, requests by the clock. */
export interface FleetExporter {
  readonly port: number;
  /** From now on this digest answers requests in prod. */
  serve(svc: string, digest: Digest): void;
  /** From now on every second request of these services fails. */
  turnBad(services: ReadonlySet<string>): void;
  close(): Promise<void>;
}

export async function startFleetExporter(): Promise<FleetExporter> {
  const registry = new Registry();
  const metrics = createRouterMetrics(registry);
  const serving: RouteLabels[] = [];
  let bad: ReadonlySet<string> = new Set();
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    for (const labels of serving) {
      const failed = bad.has(labels.svc) && ticks % 2 === 0;
      for (let sent = 0; sent < REQUESTS_PER_TICK; sent += 1) {
        metrics.observe(labels, failed ? 500 : 200, 0.02);
      }
    }
  }, TICK_MS);
  const server = createServer((_request, response) => {
    void registry.metrics().then((text) => {
      response.setHeader('content-type', registry.contentType).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the exporter has no port');
  return {
    port: address.port,
    serve: (svc, digest) => {
      const labels = { svc, env: 'prod', track: 'candidate', digest };
      metrics.begin(labels);
      serving.push(labels);
    },
    turnBad: (services) => {
      bad = services;
    },
    close: async () => {
      clearInterval(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
