import type { FastifyInstance } from 'fastify';
import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface ApiMetrics {
  readonly registry: Registry;
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  readonly promotions: Counter<'result'>;
  readonly rollbacks: Counter<'result'>;
  readonly rollbackSeconds: Histogram;
}

/** One registry an app, so that two apps in a process (tests) do not share numbers. */
export function createApiMetrics(): ApiMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Histogram({
      name: 'plura_api_request_duration_seconds',
      help: 'Time to answer a request',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
      registers,
    }),
    promotions: new Counter({
      name: 'plura_api_promotions_total',
      help: 'Promotions asked for: started, existing, planned',
      labelNames: ['result'],
      registers,
    }),
    rollbacks: new Counter({
      name: 'plura_api_rollbacks_total',
      help: 'Rollbacks asked for: done, failed, planned',
      labelNames: ['result'],
      registers,
    }),
    rollbackSeconds: new Histogram({
      name: 'plura_rollback_duration_seconds',
      help: 'From request to channel re-read and traffic moved',
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300],
      registers,
    }),
  };
}

/** Times every request by its route pattern: a URL as a label would grow without bound. */
export function addHttpMetrics(app: FastifyInstance, metrics: ApiMetrics): void {
  app.addHook('onResponse', async (request, reply) => {
    metrics.requests.observe(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: String(reply.statusCode),
      },
      reply.elapsedTime / 1000,
    );
    return Promise.resolve();
  });
}
