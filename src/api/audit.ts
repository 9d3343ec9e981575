import type { FastifyRequest } from 'fastify';
import type { Json } from '../domain/verdict';
import type { ApiDependencies } from './dependencies';
import { idempotencyId } from './request-id';

interface Audited {
  /** `noun.verb`, as the workflows write theirs. */
  readonly action: string;
  readonly svc: string;
  /** What it was done to: a release, a digest, a lane. */
  readonly subject: string;
  readonly details: Json;
}

/**
 * Puts who did it in the audit trail, once for a repeated request. Before a secret is shown, so that none leaves
 * unrecorded; after an effect, so that no refusal is told as a deed. Throws LEDGER_UNAVAILABLE.
 */
export async function audit(
  deps: Pick<ApiDependencies, 'ledger' | 'now'>,
  request: FastifyRequest,
  { action, ...rest }: Audited,
): Promise<void> {
  const entry = { ...rest, action, at: deps.now().toISOString(), actor: request.actor.subject };
  await deps.ledger.appendAudit(entry, `${action}:${idempotencyId(request)}`);
}
