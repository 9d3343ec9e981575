import type { GatewayDependencies } from '../dependencies';
import type { Handler } from '../exchange';
import { STALE_AFTER_MS } from '../state/state-cache';
import { sendJson } from './answer';

const PROBE_MS = 2_000;
/** Anyone may ask, so asking often must not cost the registry anything. */
const REMEMBER_MS = 2_000;
const MAX_PROBE_BYTES = 64 * 1024;

type HealthDependencies = Pick<GatewayDependencies, 'backend' | 'cache'>;

function createProbe({ backend }: HealthDependencies): () => Promise<boolean> {
  let asked = -Infinity;
  let answer = Promise.resolve(false);
  return () => {
    if (performance.now() - asked < REMEMBER_MS) return answer;
    asked = performance.now();
    const signal = AbortSignal.timeout(PROBE_MS);
    answer = backend.fetch({ method: 'GET', path: '/v2/', signal }, MAX_PROBE_BYTES).then(
      ({ status }) => status === 200,
      () => false,
    );
    return answer;
  };
}

/**
 * 200 while the process lives, with what it can reach; `/healthz?ready=1` is 503 until pulls can be served. Postgres away is
 * no reason to be taken out: pulls go on as the policy says.
 */
export function createHealthHandler(deps: HealthDependencies): Handler<'health'> {
  const probe = createProbe(deps);
  return async ({ query, response }) => {
    const isBackendUp = await probe();
    const ageMs = deps.cache.ageMs();
    const isKnown = canDecide(deps);
    const isReady = isBackendUp && isKnown;
    sendJson(response, query.has('ready') && !isReady ? 503 : 200, {
      status: isReady && ageMs <= STALE_AFTER_MS ? 'ok' : 'degraded',
      ready: isReady,
      backend: isBackendUp ? 'up' : 'down',
      postgres: {
        state: ageMs <= STALE_AFTER_MS ? 'up' : 'down',
        ageMs: Number.isFinite(ageMs) ? Math.round(ageMs) : null,
      },
      pushes: isKnown ? deps.cache.current().mode.pushes : null,
    });
  };
}

function canDecide({ cache }: HealthDependencies): boolean {
  try {
    cache.current();
    return true;
  } catch {
    return false;
  }
}

export function createMetricsHandler({
  cache,
  metrics,
}: Pick<GatewayDependencies, 'cache' | 'metrics'>): Handler<'metrics'> {
  return async ({ response }) => {
    metrics.stateAge.set(cache.ageMs() / 1000);
    const text = Buffer.from(await metrics.registry.metrics());
    response.writeHead(200, {
      'content-type': metrics.registry.contentType,
      'content-length': text.length,
    });
    response.end(text);
  };
}

/** `GET /v2/`: it is known by now who asks. */
export function createBaseHandler(): Handler<'base'> {
  return ({ response }) => {
    sendJson(response, 200, {});
    return Promise.resolve();
  };
}
