import { failureReason } from './error-reason';
import { ReleaseError, type ErrorCode, type SafeDetails } from './errors';

/** An Error that crosses a thread keeps its message alone. */
export interface ToldError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: SafeDetails;
}

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
