import type { FastifyRequest } from 'fastify';
import type { Json } from '../../domain/verdict';
import type { ApiDependencies } from '../dependencies';

/** A robot belongs to no service. */
const NO_SERVICE = '*';

/**
 * Puts into the audit trail what was done to a robot, before a secret is shown. A repeated request counts again: each one makes
 * another secret, or says that nothing is left to do.
 *
 * @throws ReleaseError LEDGER_UNAVAILABLE
 */
export async function auditRobot(
  { ledger, now }: Pick<ApiDependencies, 'ledger' | 'now'>,
  request: FastifyRequest,
  {
    action,
    name,
    details,
  }: { readonly action: string; readonly name: string; readonly details: Json },
): Promise<void> {
  const at = now().toISOString();
  const actor = request.actor.subject;
  await ledger.appendAudit(
    { at, actor, action, svc: NO_SERVICE, subject: name, details },
    `${action}:${request.id}`,
  );
}
