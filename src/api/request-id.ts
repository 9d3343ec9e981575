import type { FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';

/**
 * What makes two requests the same one: the caller and their Idempotency-Key; else the request itself.
 * Hashed, so that callers cannot meet in one another's keys by choosing odd ones.
 */
export function idempotencyId(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string') return request.id;
  const seed = JSON.stringify([request.actor.subject, request.routeOptions.url, key]);
  return createHash('sha256').update(seed).digest('hex').slice(0, 32);
}
