import {
  QueryNotRegisteredError,
  QueryRejectedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcDeadlineError,
  isGrpcServiceError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isErrorCode, ReleaseError, type SafeDetails } from '../contract/errors';

export function isNotFound(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError;
}

/** Failures of Temporal and refusals of workflows as ours: a workflow's failure type is our code. Bugs pass unchanged. */
export function toReleaseError(error: unknown, deadlineMs: number): unknown {
  if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError) {
    return fromRefusal(error);
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error)) {
    return unavailable(`Temporal gave no answer in ${deadlineMs} ms`, error);
  }
  const grpc = grpcError(error);
  if (grpc) return unavailable(`Temporal could not answer: ${grpc.details}`, error);
  if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError) {
    return unavailable('The workflow could not be asked', error);
  }
  return error;
}

/** The SDK wraps some gRPC errors and passes others as they are. */
function grpcError(error: unknown): { readonly details: string } | null {
  if (isGrpcServiceError(error)) return error;
  if (error instanceof Error && isGrpcServiceError(error.cause)) return error.cause;
  return null;
}

/** Activity and child failures wrap the one that says why. */
function fromRefusal(error: WorkflowUpdateFailedError | WorkflowFailedError): ReleaseError {
  let cause: unknown = error.cause;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth += 1) {
    if (cause instanceof ApplicationFailure && isErrorCode(cause.type)) {
      const details = detailsOf(cause);
      return new ReleaseError(cause.type, cause.message, { cause: error, details });
    }
    cause = cause.cause;
  }
  const message = error.cause?.message ?? error.message;
  return new ReleaseError('INTERNAL', `The workflow failed: ${message}`, { cause: error });
}

function detailsOf(failure: ApplicationFailure): SafeDetails {
  const [first] = failure.details ?? [];
  if (typeof first !== 'object' || first === null) return {};
  return Object.fromEntries(Object.entries(first).filter(([, value]) => isSafe(value)));
}

function isSafe(value: unknown): boolean {
  return (
    ['string', 'number', 'boolean'].includes(typeof value) ||
    (Array.isArray(value) && value.every((item) => typeof item === 'string'))
  );
}

function unavailable(message: string, cause: unknown): ReleaseError {
  return new ReleaseError('ORCHESTRATOR_UNAVAILABLE', message, {
    cause,
    details: { remedy: 'check that Temporal and the control worker run, then try again' },
  });
}
