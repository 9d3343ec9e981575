import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { ranOutOfTime } from '../../../workflows/steps/failure';

function failed(
  retryState: ConstructorParameters<typeof ActivityFailure>[3],
  cause: Error,
): ActivityFailure {
  return new ActivityFailure('failed', 'awaitEdge', '1', retryState, 'worker', cause);
}

const timeout = (type: ConstructorParameters<typeof TimeoutFailure>[2]): TimeoutFailure =>
  new TimeoutFailure('timed out', undefined, type);
const notYet = ApplicationFailure.retryable('frozen', 'NOT_YET');

describe('ranOutOfTime', () => {
  it.each([
    ['between two attempts', failed('TIMEOUT', notYet), true],
    ['in an attempt', failed('NON_RETRYABLE_FAILURE', timeout('SCHEDULE_TO_CLOSE')), true],
    ['of one attempt only', failed('NON_RETRYABLE_FAILURE', timeout('START_TO_CLOSE')), false],
    ['never', failed('NON_RETRYABLE_FAILURE', notYet), false],
    ['of something else', new Error('no'), false],
  ])('tells that the time is over: %s', (_when, error, isOver) => {
    expect(ranOutOfTime(error)).toBe(isOver);
  });
});
