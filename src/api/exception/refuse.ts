import { ReleaseError, type ErrorCode } from '../../contract/errors';
import type { Actor } from '../../domain/actor';
import type { Exception } from '../../domain/exceptions/exception';
import type { ExceptionFault } from '../../domain/exceptions/rules';

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

/** The role by itself: an admin does not break the glass by being one. @throws ReleaseError FORBIDDEN */
export function requireGlassBreaker(actor: Actor, { kind }: Pick<Exception, 'kind'>): void {
  if (kind !== 'break-glass' || actor.roles.includes('break-glass')) return;
  throw new ReleaseError(
    'FORBIDDEN',
    `${actor.subject} may not let a Critical or High pass: it needs the role break-glass`,
    { details: { field: 'kind', remedy: 'ask someone who has the role break-glass' } },
  );
}
