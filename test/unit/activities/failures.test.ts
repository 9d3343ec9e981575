import { ApplicationFailure } from '@temporalio/common';
import { toFailure, withFailures } from '../../../activities/failures';
import { ReleaseError } from '../../../src/contract/errors';
import { quietEnvironment } from '../../support/activity-env';

describe('toFailure', () => {
  it.each([
    ['REGISTRY_UNAVAILABLE', false],
    ['TAG_TAKEN', true],
  ] as const)('keeps the code %s and lets the error table decide on retries', (code, final) => {
    const failure = toFailure(new ReleaseError(code, 'why', { details: { remedy: 'what' } }));

    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({
      type: code,
      nonRetryable: final,
      message: 'why',
      details: [{ remedy: 'what' }],
    });
  });

  it('passes on how long to wait', () => {
    const failure = toFailure(
      new ReleaseError('REGISTRY_UNAVAILABLE', 'busy', { retryAfterMs: 7_000 }),
    );

    expect(failure).toMatchObject({ nextRetryDelay: 7_000 });
  });

  it('leaves a bug as it is', () => {
    const bug = new TypeError('x is undefined');

    expect(toFailure(bug)).toBe(bug);
  });
});

describe('withFailures', () => {
  it('maps what any activity throws', async () => {
    const { stop } = withFailures({
      stop: (): Promise<void> => Promise.reject(new ReleaseError('FENCED', 'newer writer')),
    });

    await expect(quietEnvironment().run(stop)).rejects.toMatchObject({ type: 'FENCED' });
  });

  it('heartbeats for as long as an activity runs, and not after', async () => {
    jest.useFakeTimers();
    const environment = quietEnvironment();
    const beats: unknown[] = [];
    environment.on('heartbeat', (beat) => beats.push(beat));
    let finish = (): void => undefined;
    const { work } = withFailures({
      work: () => new Promise<void>((resolve) => (finish = resolve)),
    });

    const done = environment.run(work);
    await jest.advanceTimersByTimeAsync(6_500);
    finish();
    await done;
    await jest.advanceTimersByTimeAsync(10_000);
    jest.useRealTimers();

    expect(beats).toHaveLength(3);
  });
});
