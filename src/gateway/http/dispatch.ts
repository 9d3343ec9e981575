import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Authenticator } from '../auth/authenticator';
import type { GatewayDependencies } from '../dependencies';
import type { Handler } from '../exchange';
import { reportRefusedPush } from '../manifests/push/refused-push';
import { assertAccess, actionOf } from './access';
import { followRequest, type AccessEntry } from './access-log';
import { answerError, discardRest } from './answer';
import { assertExpectation, assertHeadersOnce, assertMethod } from './head-checks';
import { parseTarget, type Route } from './route';

export type Handlers = { readonly [Kind in Route['kind']]: Handler<Kind> };

export interface DispatchDependencies {
  readonly deps: GatewayDependencies;
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly handlers: Handlers;
  /** True while the gateway stops: clients are told not to come back on this connection. */
  readonly isStopping: () => boolean;
}

/** Ends with the response, or sooner with the client. */
function lifeOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

async function handle(
  { deps, authenticator, handlers }: DispatchDependencies,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  entry: AccessEntry,
): Promise<void> {
  assertHeadersOnce(request);
  assertExpectation(request);
  const target = parseTarget(request.url ?? '');
  const { route, query } = target;
  const { method = '' } = request;
  entry.route = route;
  assertMethod(method, route);
  const signal = lifeOf(response);
  const principal = await authenticator.authenticate(request, target);
  entry.actor = principal.name;
  assertAccess(deps, principal, route, method);
  // Only now: a body that would be refused anyway is not asked for.
  if (request.headers.expect !== undefined) response.writeContinue();
  // The route's kind picks the handler of that kind, which the types can't follow.
  const handler = handlers[route.kind] as Handler;
  await handler({ route, query, request, response, principal, signal, requestId });
  if (!response.writableEnded && !response.destroyed)
    throw new Error(`${route.kind} gave no answer`);
}

function isWrite(entry: AccessEntry, method: string): boolean {
  const kind = entry.route?.kind;
  if (kind !== 'manifest' && kind !== 'uploads' && kind !== 'upload') return false;
  return actionOf(kind, method) === 'push';
}

/** Every request comes through here, and every one gets an answer. */
export function createDispatcher(parts: DispatchDependencies): RequestListener {
  const { log, metrics } = parts.deps;
  return (request, response) => {
    const requestId = randomUUID();
    const exchange = { request, response };
    const entry = followRequest(exchange, requestId, { log, metrics });
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    response.setHeader('x-request-id', requestId);
    if (parts.isStopping()) response.setHeader('connection', 'close');
    response.once('finish', () => {
      discardRest(request);
    });
    handle(parts, request, response, requestId, entry).catch((error: unknown) => {
      // Nobody is left to answer; what went wrong is most likely just that.
      if (response.destroyed) return;
      entry.refused = answerError(exchange, error, requestId, log);
      if (isWrite(entry, request.method ?? '')) {
        metrics.refusedPushes.inc({ rule: entry.refused.refusal.rule });
        reportRefusedPush(parts.deps, entry, requestId);
      }
    });
  };
}
