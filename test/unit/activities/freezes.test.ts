import { ApplicationFailure } from '@temporalio/common';
import { withFailures } from '../../../activities/failures';
import {
  createFreezeActivities,
  type AwaitEdgeInput,
  type EdgeStateInput,
  type FreezeActivities,
} from '../../../activities/freezes';
import { createRruleCalendar } from '../../../src/adapters/calendar/rrule-calendar';
import { describeFrozen, type EdgeState } from '../../../src/domain/freeze';
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

function activitiesAt(at: string): FreezeActivities {
  const now = (): Date => new Date(at);
  const deps = { freezes, freezeCalendar: createRruleCalendar(), now };
  return withFailures({ ...createFreezeActivities(deps) });
}

async function edgeState(at: string, input: EdgeStateInput = EDGE): Promise<EdgeState> {
  const activities = activitiesAt(at);
  return quietEnvironment().run((one: EdgeStateInput) => activities.edgeState(one), input);
}

async function awaitEdge(at: string, known: string): Promise<unknown> {
  const activities = activitiesAt(at);
  const run = (one: AwaitEdgeInput): Promise<void> => activities.awaitEdge(one);
  const waiting = quietEnvironment().run(run, { ...EDGE, known });
  return waiting.then(
    () => 'done',
    (error: unknown) => error,
  );
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

describe('awaitEdge', () => {
  const knownAt = async (at: string): Promise<string> => {
    const state = await edgeState(at);
    return state.state === 'frozen' ? describeFrozen(state) : '';
  };

  it('is not yet done while the edge is closed by what is known, and says when to come again', async () => {
    await freezes.add(freezeOf());

    const failure = await awaitEdge(FRIDAY_NIGHT, await knownAt(FRIDAY_NIGHT));

    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({
      type: 'NOT_YET',
      nonRetryable: false,
      nextRetryDelay: 45_000,
      category: 'BENIGN',
      message: expect.stringContaining('nobody on call') as string,
    });
  });

  it('comes again at the end of a freeze that is nearly over', async () => {
    await freezes.add(freezeOf());
    const at = '2026-03-09T07:59:50.000Z';

    expect(await awaitEdge(at, await knownAt(at))).toMatchObject({ nextRetryDelay: 10_000 });
  });

  it('is done once the freeze is over or deleted', async () => {
    await freezes.add(freezeOf());
    const known = await knownAt(FRIDAY_NIGHT);

    expect(await awaitEdge('2026-03-09T08:00:00.000Z', known)).toBe('done');
    await freezes.remove('weekend', 'carol', 'on call again', FRIDAY_NIGHT);
    expect(await awaitEdge(FRIDAY_NIGHT, known)).toBe('done');
  });

  it('is done when something else closes the edge, so that the reason can be shown', async () => {
    await freezes.add(freezeOf());
    const known = await knownAt(FRIDAY_NIGHT);
    await freezes.stop({ svc: 'shop', reason: 'incident', by: 'dave', at: FRIDAY_NIGHT });

    expect(await awaitEdge(FRIDAY_NIGHT, known)).toBe('done');
  });

  it('is tried again while the ledger does not answer', async () => {
    freezes.fail('LEDGER_UNAVAILABLE', 1, 'covering');

    expect(await awaitEdge(FRIDAY_NIGHT, '')).toMatchObject({
      type: 'LEDGER_UNAVAILABLE',
      nonRetryable: false,
    });
  });
});
