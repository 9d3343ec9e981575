import type { FastifyInstance } from 'fastify';
import { ReleaseError } from '../../../contract/errors';
import { createStandardScrape } from '../../accounting/scrape';
import type { ApiDependencies } from '../../dependencies';
import type { ApiMetrics } from '../../metrics';

const PING_TIMEOUT_MS = 3000;

/** Unauthenticated: they show no data of any service. */
export function registerSystem(
  app: FastifyInstance,
  deps: ApiDependencies,
  metrics: ApiMetrics,
): void {
  const open = {
    config: { permission: 'public', rateLimit: false } as const,
    schema: { security: [] },
    // Asked every few seconds by machines: only what goes wrong is worth a line.
    logLevel: 'warn',
  } as const;
  app.get('/healthz', open, () => ({ ok: true }));
  app.get('/readyz', open, async (_request, reply) => {
    const parts = await checkParts(deps);
    const ready = Object.values(parts).every((state) => state === 'ok');
    return reply.code(ready ? 200 : 503).send({ ready, parts });
  });
  const standard = createStandardScrape(metrics.registry, deps);
  app.get('/metrics', open, async (request, reply) => {
    await standard.refresh(request.log);
    void reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
  app.get('/openapi.json', { ...open, schema: { hide: true } }, () => app.swagger());
}

async function checkParts(deps: ApiDependencies): Promise<Record<string, string>> {
  const pings = {
    ledger: () => deps.ledger.ping(),
    registry: () => deps.registry.ping(),
    temporal: () => deps.orchestrator.ping(),
  };
  const states = await Promise.all(
    Object.entries(pings).map(async ([name, ping]) => [name, await stateOf(ping)] as const),
  );
  return Object.fromEntries(states);
}

async function stateOf(ping: () => Promise<void>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      resolve('no answer');
    }, PING_TIMEOUT_MS);
  });
  try {
    return await Promise.race([ping().then(() => 'ok'), late]);
  } catch (error) {
    return error instanceof ReleaseError ? error.code : 'error';
  } finally {
    clearTimeout(timer);
  }
}
