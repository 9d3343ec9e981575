import {
  ServiceError,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { toReleaseError } from '../../../src/orchestrator/errors';

function grpc(code: number, details: string): Error {
  return Object.assign(new Error(`${code} ${details}`), { code, details, metadata: {} });
}

describe('errors of Temporal', () => {
  it('become the code a validator refused with, with its safe details', () => {
    const details = { field: 'release', place: 2, secret: { token: 'x' } };
    const cause = ApplicationFailure.nonRetryable('the lane is full', 'LANE_FULL', details);

    const error = toReleaseError(new WorkflowUpdateFailedError('failed', cause), 1000);

    expect(error).toMatchObject({
      code: 'LANE_FULL',
      message: 'the lane is full',
      details: { field: 'release', place: 2 },
    });
    expect((error as { details: object }).details).not.toHaveProperty('secret');
  });

  it('become the code of an activity inside a failed workflow', () => {
    const cause = ApplicationFailure.nonRetryable('never stable', 'NO_ROLLBACK_TARGET');
    const activity = new ActivityFailure(
      'failed',
      'prepareRollback',
      '1',
      RetryState.NON_RETRYABLE_FAILURE,
      'worker',
      cause,
    );
    const failed = new WorkflowFailedError('failed', activity, RetryState.NON_RETRYABLE_FAILURE);

    expect(toReleaseError(failed, 1000)).toMatchObject({
      code: 'NO_ROLLBACK_TARGET',
      message: 'never stable',
    });
  });

  it('become INTERNAL when the workflow failed with something that is not ours', () => {
    const cause = ApplicationFailure.nonRetryable('oops', 'TypeError');

    expect(toReleaseError(new WorkflowUpdateFailedError('failed', cause), 1000)).toMatchObject({
      code: 'INTERNAL',
    });
  });

  it.each([
    ['an update without an answer', new WorkflowUpdateRPCTimeoutOrCancelledError('late')],
    ['a deadline', grpc(4, 'deadline')],
    ['a wrapped deadline', new ServiceError('late', { cause: grpc(4, 'deadline') })],
    ['a refused connection', grpc(14, 'connect ECONNREFUSED')],
    ['a wrapped refusal', new ServiceError('no', { cause: grpc(14, 'unavailable') })],
  ])('%s is ORCHESTRATOR_UNAVAILABLE', (_name, error) => {
    expect(toReleaseError(error, 1000)).toMatchObject({ code: 'ORCHESTRATOR_UNAVAILABLE' });
  });

  it('leave a bug what it is', () => {
    const bug = new TypeError('x is not a function');

    expect(toReleaseError(bug, 1000)).toBe(bug);
  });
});
