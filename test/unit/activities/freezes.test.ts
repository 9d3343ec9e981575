import { ApplicationFailure } from '@temporalio/common';
import { withFailures } from '../../../activities/failures';
import { createFreezeActivities, type EdgeStateInput } from '../../../activities/freezes';
import { createRruleCalendar } from '../../../src/adapters/calendar/rrule-calendar';
import type { EdgeState } from '../../../src/domain/freeze';
import { quietEnvironment } from '../../support/activity-env';
import { freezeOf } from '../../support/contracts/freezes';
import { createFakeFreezes, type FakeFreezes } from '../../support/fakes/freezes';

/** A Friday. */
const FRIDAY_NIGHT = '2026-03-06T20:00:00.000Z';
const EDGE: EdgeStateInput = { svc: 'shop', env: 'prod', edge: 'pin' };

let freezes: FakeFreezes;

beforeEach(() => {
  freezes = createFakeFreezes();
});

async function edgeState(at: string, input: EdgeStateInput = EDGE): Promise<EdgeState> {
  const deps = { freezes, freezeCalendar: createRruleCalendar(), now: () => new Date(at) };
  const activities = withFailures({ ...createFreezeActivities(deps) });
  return quietEnvironment().run((one: EdgeStateInput) => activities.edgeState(one), input);
}

describe('edgeState', () => {
  it('is open without freezes and stops', async () => {
    expect(await edgeState(FRIDAY_NIGHT)).toEqual({ state: 'open' });
  });

  it('is frozen in a freeze, with its end', async () => {
    await freezes.add(freezeOf());

    expect(await edgeState(FRIDAY_NIGHT)).toEqual({
      state: 'frozen',
      cause: 'freeze',
      name: 'weekend',
      reason: 'nobody on call',
      by: 'carol',
      since: '2026-03-06T18:00:00.000Z',
      until: '2026-03-09T08:00:00.000Z',
    });
    expect(await edgeState('2026-03-09T08:00:00.000Z')).toEqual({ state: 'open' });
  });

  it('asks for the environment of the edge', async () => {
    await freezes.add(freezeOf({ scope: { svc: 'shop', environments: ['prod'] } }));

    const stg = await edgeState(FRIDAY_NIGHT, { svc: 'shop', env: 'stg', edge: 'channel' });

    expect(stg).toEqual({ state: 'open' });
  });

  it('is closed as far as it looks where freezes never let it open', async () => {
    const { schedule } = freezeOf();
    const daily = { ...schedule, rule: 'FREQ=DAILY', duration: 'P1D', except: [] };
    await freezes.add(freezeOf({ schedule: daily as typeof schedule }));

    const state = await edgeState(FRIDAY_NIGHT);

    expect(state).toMatchObject({ until: '2026-04-11T18:00:00.000Z' });
  });

  it('is closed by a freeze that can not be read, and says so', async () => {
    const { schedule } = freezeOf();
    await freezes.add(
      freezeOf({ schedule: { ...schedule, timeZone: 'Mars/Olympus' } as typeof schedule }),
    );

    expect(await edgeState(FRIDAY_NIGHT)).toMatchObject({
      state: 'frozen',
      name: 'weekend',
      until: null,
      reason: expect.stringContaining('"Mars/Olympus" is not a known time zone') as string,
    });
  });

  it('is frozen from the moment the line is stopped, and open when it is resumed', async () => {
    await freezes.stop({ svc: null, reason: 'incident', by: 'dave', at: FRIDAY_NIGHT });
    expect(await edgeState(FRIDAY_NIGHT)).toMatchObject({ cause: 'stop', by: 'dave', until: null });

    await freezes.resume(null, 'dave', 'over', FRIDAY_NIGHT);
    expect(await edgeState(FRIDAY_NIGHT)).toEqual({ state: 'open' });
  });

  it('is an error to try again, never open, while the ledger does not answer', async () => {
    freezes.fail('LEDGER_UNAVAILABLE', 1, 'covering');

    const failure = await edgeState(FRIDAY_NIGHT).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'LEDGER_UNAVAILABLE', nonRetryable: false });
  });
});
