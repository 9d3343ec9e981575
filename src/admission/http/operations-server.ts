import fastify, { type FastifyInstance } from 'fastify';
import type { AdmissionMetrics } from '../metrics';
import type { Standing } from '../state/standing';

interface OperationsParts {
  readonly metrics: AdmissionMetrics;
  readonly standing: Pick<Standing, 'ageMs'>;
  /** False from the moment that it was told to stop. */
  readonly isServing: () => boolean;
}

/**
 * For kubelet and Prometheus, on a port of its own without TLS. Ready does not hang on Postgres or the registry: while these
 * are away it is the webhook that says so, and lets in by break-glass.
 */
export function createOperationsServer({
  metrics,
  standing,
  isServing,
}: OperationsParts): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: 1024, forceCloseConnections: 'idle' });

  app.get('/healthz', () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const ageMs = standing.ageMs();
    return reply.code(isServing() ? 200 : 503).send({
      status: isServing() ? 'ok' : 'stopping',
      postgres: { ageMs: Number.isFinite(ageMs) ? Math.round(ageMs) : null },
    });
  });

  app.get('/metrics', async (_request, reply) => {
    metrics.stateAge.set(standing.ageMs() / 1000);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });

  return app;
}
