import type { FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';

/**
 * What makes two requests the same one: caller, Idempotency-Key, path and body; else the request itself. A key
 * used again for something else is something else: it is done, and never answered with what was done before.
 * Hashed, so that callers cannot meet in one another's keys by choosing odd ones.
 */
export function idempotencyId(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string') return request.id;
  const seed = JSON.stringify([request.actor.subject, request.url, key, request.body]);
  return createHash('sha256').update(seed).digest('hex').slice(0, 32);
}

const SHORT_DIGITS = 16;

/** The same request has the same id; short enough for people to copy. */
export function shortId(kind: string, request: string): string {
  return createHash('sha256').update(`${kind} ${request}`).digest('hex').slice(0, SHORT_DIGITS);
}
