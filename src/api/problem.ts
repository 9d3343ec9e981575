import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ERRORS, ReleaseError, type ErrorCode } from '../contract/errors';
import type { Problem } from '../contract/schema/api-problem';

/** What goes over the wire for an error, and whether it is one of ours or a bug. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly expected: boolean;
  readonly retryAfterS: number | undefined;
}

/** The one mapping from errors to RFC 9457 problems. What we do not know shows its request id only. */
export function toProblem(error: unknown, requestId: string): ProblemAnswer {
  const known = asReleaseError(error);
  if (!known) {
    const detail = `Something went wrong on our side; the log has it under ${requestId}`;
    return {
      problem: problem('INTERNAL', detail, requestId),
      expected: false,
      retryAfterS: undefined,
    };
  }
  const { field, remedy, ...details } = known.details;
  return {
    problem: {
      ...problem(known.code, known.message, requestId),
      ...(typeof field === 'string' && { field }),
      ...(typeof remedy === 'string' && { remedy }),
      ...(Object.keys(details).length > 0 && { details }),
    },
    expected: true,
    retryAfterS:
      known.retryAfterMs === undefined ? undefined : Math.ceil(known.retryAfterMs / 1000),
  };
}

function problem(code: ErrorCode, detail: string, requestId: string): Problem {
  const { label, status, retryable } = ERRORS[code];
  return {
    type: `urn:plura-reg:error:${code}`,
    title: label,
    status,
    detail,
    code,
    retryable,
    requestId,
  };
}

function asReleaseError(error: unknown): ReleaseError | null {
  if (error instanceof ReleaseError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return schemaRefusal(error);
  if (!(error instanceof Error) || !('statusCode' in error)) return null;
  if (error.statusCode === 503) {
    return new ReleaseError('TIMED_OUT', 'The request was not answered in time', { cause: error });
  }
  const callersFault = typeof error.statusCode === 'number' && error.statusCode < 500;
  return callersFault
    ? new ReleaseError('INVALID_INPUT', error.message, {
        cause: error,
        details: { field: 'body', remedy: 'see /openapi.json for what the route takes' },
      })
    : null;
}

function schemaRefusal(error: {
  readonly validation: readonly { readonly instancePath: string; readonly message?: string }[];
  readonly validationContext?: string | undefined;
}): ReleaseError {
  const [first] = error.validation;
  const where = first?.instancePath.replace(/^\//, '').replaceAll('/', '.');
  const field = where === undefined || where === '' ? (error.validationContext ?? 'body') : where;
  return new ReleaseError('INVALID_INPUT', `${field}: ${first?.message ?? 'is not valid'}`, {
    details: { field, remedy: 'see /openapi.json for what the route takes' },
  });
}
