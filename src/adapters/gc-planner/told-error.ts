import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import type { ToldError } from './thread-messages';

/** An Error that crosses a thread keeps its message alone. */
export function tellError(error: unknown): ToldError {
  if (error instanceof ReleaseError) {
    const { code, message, details } = error;
    return { code, message, details };
  }
  return { code: 'INTERNAL', message: failureReason(error), details: {} };
}

export function hearError({ code, message, details }: ToldError): ReleaseError {
  return new ReleaseError(code, message, { details });
}
