import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ReleaseError } from '../../contract/errors';
import type { Actor } from '../../domain/actor';
import { requirePermission, type Permission } from './permissions';
import type { VerifyToken } from './verify-token';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route that is not public. */
    actor: Actor;
  }
  interface FastifyContextConfig {
    /** Who may call the route. A route without it is refused at start-up. */
    permission?: Permission | 'public';
  }
}

const ANONYMOUS: Actor = { subject: 'anonymous', roles: [] };

/** Closed by default: a route answers only the callers that its `config.permission` names. */
export function addAuthentication(app: FastifyInstance, verifyToken: VerifyToken): void {
  app.decorateRequest('actor', { getter: () => ANONYMOUS });
  app.addHook('onRoute', (route) => {
    if (route.config?.permission === undefined) {
      throw new Error(`${String(route.method)} ${route.url} does not say who may call it`);
    }
  });
  app.addHook('onRequest', async (request) => {
    const { permission } = request.routeOptions.config;
    if (permission === 'public' || permission === undefined) return;
    const actor = await verifyToken(bearerOf(request));
    requirePermission(actor, permission);
    Object.defineProperty(request, 'actor', { value: actor });
  });
}

function bearerOf(request: FastifyRequest): string {
  const [scheme, token, ...rest] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0) {
    throw new ReleaseError('UNAUTHENTICATED', 'The request carries no bearer token', {
      details: { remedy: 'log in: plura login, or set PLURA_TOKEN' },
    });
  }
  return token;
}
