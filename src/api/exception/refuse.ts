import { ReleaseError, type ErrorCode } from '../../contract/errors';
import type { Actor } from '../../domain/actor';
import type { Exception } from '../../domain/exceptions/exception';
import type { ExceptionFault } from '../../domain/exceptions/rules';
import { isAllowed } from '../identity/permissions';

const CODES: Readonly<Record<ExceptionFault['kind'], ErrorCode>> = {
  invalid: 'INVALID_INPUT',
  forbidden: 'FORBIDDEN',
  conflict: 'EXCEPTION_SETTLED',
};

/** @throws ReleaseError INVALID_INPUT, FORBIDDEN, EXCEPTION_SETTLED */
export function refuseFault(fault: ExceptionFault | null): void {
  if (!fault) return;
  const { kind, field, message, remedy } = fault;
  throw new ReleaseError(CODES[kind], message, { details: { field, remedy } });
}

function requireGlassBreaker(actor: Actor): void {
  if (actor.roles.includes('break-glass')) return;
  throw new ReleaseError(
    'FORBIDDEN',
    `${actor.subject} may not let a Critical or High pass: it needs the role break-glass`,
    { details: { field: 'kind', remedy: 'ask someone who has the role break-glass' } },
  );
}

/**
 * An admin does not break the glass by being one, and who breaks the glass has no say in what lasts for months.
 *
 * @throws ReleaseError FORBIDDEN
 */
export function requireRoleFor(
  actor: Actor,
  { kind }: Pick<Exception, 'kind'>,
  permission: 'requestException' | 'approveException',
): void {
  if (kind === 'break-glass') {
    requireGlassBreaker(actor);
    return;
  }
  const roles = actor.roles.filter((role) => role !== 'break-glass');
  if (isAllowed({ ...actor, roles }, permission)) return;
  throw new ReleaseError(
    'FORBIDDEN',
    `${actor.subject} has the role break-glass, which is for exceptions of that kind alone`,
    { details: { field: 'kind', remedy: 'ask someone who has the role security' } },
  );
}
