import { CancelledFailure } from '@temporalio/activity';
import { createRolloutActivities, type StartInput } from '../../../activities/rollout';
import { quietEnvironment } from '../../support/activity-env';
import { testService } from '../../support/builders';
import { createFakeRollout } from '../../support/fakes/rollout';
import { CANDIDATE } from '../../support/window-evidence';

const INPUT: StartInput = {
  service: testService('shop'),
  env: 'prod',
  epoch: 1,
  digest: CANDIDATE,
};

describe('startCandidate', () => {
  it.each([
    ['30 s where nothing is said', INPUT, 30_000],
    ['as long as it is told', { ...INPUT, readyTimeoutMs: 600_000 }, 600_000],
  ])('lets containers get ready for %s', async (_name, input, readyMs) => {
    const rollout = createFakeRollout();
    const activities = createRolloutActivities({ rollout });

    await quietEnvironment().run((given: StartInput) => activities.startCandidate(given), input);

    expect(rollout.calls.map(({ method, args }) => [method, args[3]])).toEqual([
      ['startCandidate', readyMs],
    ]);
  });

  it('ends as cancelled when it is told to stop while it waits', async () => {
    const rollout = createFakeRollout();
    rollout.stall();
    const activities = createRolloutActivities({ rollout });
    const environment = quietEnvironment();

    const starting = environment.run(
      (input: StartInput) => activities.startCandidate(input),
      INPUT,
    );
    environment.cancel('CANCELLED');

    await expect(starting).rejects.toBeInstanceOf(CancelledFailure);
    expect(rollout.states.size).toBe(0);
  });
});
