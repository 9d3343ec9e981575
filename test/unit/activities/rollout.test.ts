import { CancelledFailure } from '@temporalio/activity';
import {
  createRolloutActivities,
  type RolloutActivities,
  type StableInput,
  type StartInput,
} from '../../../activities/rollout';
import type { RolloutState } from '../../../src/ports/rollout';
import { quietEnvironment } from '../../support/activity-env';
import { testService } from '../../support/builders';
import { createFakeAllowList } from '../../support/fakes/allow-list';
import { createFakeFreezeCalendar } from '../../support/fakes/freeze-calendar';
import { createFakeFreezes } from '../../support/fakes/freezes';
import { createFakeLedger } from '../../support/fakes/ledger';
import { createFakeRollout, type FakeRollout } from '../../support/fakes/rollout';
import { CANDIDATE } from '../../support/window-evidence';

const AT = '2026-03-06T20:00:00.000Z';
const INPUT: StartInput = {
  service: testService('shop'),
  env: 'prod',
  epoch: 1,
  digest: CANDIDATE,
};

function activitiesOn(rollout: FakeRollout, freezes = createFakeFreezes()): RolloutActivities {
  const freezeCalendar = createFakeFreezeCalendar();
  const ledger = createFakeLedger();
  const now = (): Date => new Date(AT);
  const allowList = createFakeAllowList({ ledger });
  return createRolloutActivities({ rollout, freezes, freezeCalendar, ledger, allowList, now });
}

describe('startCandidate', () => {
  it.each([
    ['30 s where nothing is said', INPUT, 30_000],
    ['as long as it is told', { ...INPUT, readyTimeoutMs: 600_000 }, 600_000],
  ])('lets containers get ready for %s', async (_name, input, readyMs) => {
    const rollout = createFakeRollout();
    const activities = activitiesOn(rollout);

    await quietEnvironment().run((given: StartInput) => activities.startCandidate(given), input);

    expect(rollout.calls.map(({ method, args }) => [method, args[3]])).toEqual([
      ['startCandidate', readyMs],
    ]);
  });

  it('ends as cancelled when it is told to stop while it waits', async () => {
    const rollout = createFakeRollout();
    rollout.stall();
    const activities = activitiesOn(rollout);
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

describe('startCandidate behind an edge', () => {
  const edge = { svc: 'shop', env: 'prod', edge: 'traffic' } as const;
  const input: StartInput = { ...INPUT, edge };

  it('asks for nothing of the target while it is closed', async () => {
    const [rollout, freezes] = [createFakeRollout(), createFakeFreezes()];
    await freezes.stop({ svc: null, reason: 'incident', by: 'carol', at: AT });
    const activities = activitiesOn(rollout, freezes);

    const starting = quietEnvironment().run(
      (given: StartInput) => activities.startCandidate(given),
      input,
    );

    await expect(starting).rejects.toMatchObject({ type: 'FROZEN' });
    expect(rollout.calls).toEqual([]);
  });

  it('gives a first version nothing where it closes while that gets ready', async () => {
    const [rollout, freezes] = [createFakeRollout(), createFakeFreezes()];
    const start = rollout.startCandidate.bind(rollout);
    Object.assign(rollout, {
      startCandidate: async (...args: Parameters<typeof start>) => {
        await freezes.stop({ svc: null, reason: 'incident', by: 'carol', at: AT });
        return start(...args);
      },
    });
    const activities = activitiesOn(rollout, freezes);

    const starting = quietEnvironment().run(
      (given: StartInput) => activities.startCandidate(given),
      input,
    );

    await expect(starting).rejects.toMatchObject({ type: 'FROZEN' });
    expect(rollout.states.get('shop/prod')).toMatchObject({ candidate: null });
  });
});

describe('makeStable', () => {
  it.each([
    ['is kept warm', {}, [`sha256:${'1'.repeat(64)}`]],
    ['runs no longer where it is a way back', { former: 'stop' }, []],
  ] as const)('what was stable before %s', async (_what, over, warm) => {
    const rollout = createFakeRollout();
    const activities = activitiesOn(rollout);
    const place = (input: StableInput): Promise<RolloutState> =>
      quietEnvironment().run((given: StableInput) => activities.makeStable(given), input);
    await place({ ...INPUT, digest: `sha256:${'1'.repeat(64)}` });

    const state = await place({ ...INPUT, digest: `sha256:${'2'.repeat(64)}`, ...over });

    expect(state.warm).toEqual(warm);
  });
});

describe('what moves traffic', () => {
  const edge = { svc: 'shop', env: 'prod', edge: 'pin' } as const;

  it.each(['makeStable', 'setCandidatePercent'] as const)(
    'is not done behind an edge that has closed: %s',
    async (method) => {
      const rollout = createFakeRollout();
      const freezes = createFakeFreezes();
      await freezes.stop({ svc: null, reason: 'incident', by: 'dave', at: AT });
      const activities = activitiesOn(rollout, freezes);
      const run = (): Promise<unknown> => activities[method]({ ...INPUT, percent: 10, edge });

      const failure: unknown = await quietEnvironment()
        .run(run)
        .catch((error: unknown) => error);

      expect(failure).toMatchObject({ type: 'FROZEN', nonRetryable: true });
      expect(rollout.calls).toEqual([]);
    },
  );

  it('is not done while nobody can say whether the edge is open', async () => {
    const rollout = createFakeRollout();
    const freezes = createFakeFreezes();
    freezes.fail('LEDGER_UNAVAILABLE', 1, 'covering');
    const activities = activitiesOn(rollout, freezes);

    const moving = quietEnvironment().run(() => activities.makeStable({ ...INPUT, edge }));

    await expect(moving).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(rollout.calls).toEqual([]);
  });
});
