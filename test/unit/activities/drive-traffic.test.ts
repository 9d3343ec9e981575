import { setTimeout as sleep } from 'node:timers/promises';
import {
  createDriveTrafficActivities,
  type DrivenTraffic,
  type DriveTrafficInput,
} from '../../../activities/drive-traffic';
import type { ScenarioRun } from '../../../src/ports/scenarios';
import { quietEnvironment } from '../../support/activity-env';
import { testService } from '../../support/builders';
import { createFakeDeps, type FakeDeps, type FakeDepsOptions } from '../../support/fake-deps';
import { healthySample, nothingSeen } from '../../support/fakes/metrics-source';
import { CANDIDATE, STABLE } from '../../support/window-evidence';

const STARTED_AT = '2026-03-01T12:00:00.000Z';
const WINDOW_MS = 300_000;
/** A third of the window has passed: nobody waits. */
const LOOK_AT = new Date(Date.parse(STARTED_AT) + WINDOW_MS / 3);

const INPUT: DriveTrafficInput = {
  service: testService('shop'),
  env: 'stg',
  digest: CANDIDATE,
  percent: 25,
  minRequests: 30,
  startedAt: STARTED_AT,
  windowMs: WINDOW_MS,
};

async function depsAt(now: Date, options: FakeDepsOptions = {}): Promise<FakeDeps> {
  return { ...(await createFakeDeps(options)), now: () => now };
}

function drive(deps: FakeDeps, over: Partial<DriveTrafficInput> = {}): Promise<DrivenTraffic> {
  return quietEnvironment().run(
    (input: DriveTrafficInput) => createDriveTrafficActivities(deps).driveTraffic(input),
    { ...INPUT, ...over },
  );
}

const runs = ({ scenarios }: FakeDeps): readonly ScenarioRun[] =>
  scenarios.calls.map(({ args }) => args[0] as ScenarioRun);

const seen = (requests: number): FakeDepsOptions => ({
  metrics: () => healthySample({ requests, p95Ms: requests > 0 ? 20 : null }),
});

describe('driveTraffic', () => {
  it('drives the least that the candidate needs, through the router', async () => {
    const deps = await depsAt(LOOK_AT, seen(0));

    const { requests, reason } = await drive(deps);

    const [run] = runs(deps);
    expect(run?.baseUrl).toBe('http://127.0.0.1:9/shop/stg');
    expect(run?.load).toMatchObject({ rounds: requests });
    // At 25 % the candidate gets its 30 of these.
    expect(requests).toBeGreaterThanOrEqual(120);
    expect(requests).toBeLessThan(400);
    expect(reason).toBe('');
  });

  it('drives what stable needs to be compared with, where the candidate has most of the traffic', async () => {
    const image = { repository: 'apps/shop/shop', digest: STABLE };
    const driven = async (requests: number, percent: number): Promise<number> => {
      const deps = await depsAt(LOOK_AT, seen(requests));
      await deps.rollout.makeStable({ svc: 'shop', env: 'stg', epoch: 1 }, image, '/', 1);
      return (await drive(deps, { percent })).requests;
    };

    expect(await driven(0, 75)).toBe(await driven(0, 25));
    // Of the candidate; as many again in each third to come: 90, beside 30 of stable.
    expect(await driven(30, 75)).toBe(0);
    expect(await driven(29, 75)).toBeGreaterThan(0);
  });

  it('is done before what is left of the window is over', async () => {
    const deps = await depsAt(LOOK_AT, seen(0));

    await drive(deps);

    const { rounds, paceMs } = runs(deps)[0]?.load ?? { rounds: 0, paceMs: 0 };
    expect(rounds * paceMs).toBeGreaterThan(0);
    expect(rounds * paceMs).toBeLessThan((WINDOW_MS * 2) / 3);
  });

  it('counts nothing for a version of which no sample is there yet', async () => {
    const quiet = await drive(await depsAt(LOOK_AT, seen(0)));
    const unseen = await drive(await depsAt(LOOK_AT, { metrics: nothingSeen }));

    expect(unseen.requests).toBeGreaterThan(0);
    expect(unseen).toEqual(quiet);
  });

  it('drives in an extension what is missing by its end, not counting on what was driven before', async () => {
    const extended = Date.parse(STARTED_AT) + WINDOW_MS;
    const from = new Date(extended).toISOString();
    const deps = await depsAt(new Date(extended + WINDOW_MS / 3), {
      metrics: (query) => healthySample({ requests: query.from === from ? 0 : 24 }),
    });

    const { requests } = await drive(deps, { percent: 100, extensions: 1 });

    expect(requests).toBe(6);
    const { rounds, paceMs } = runs(deps)[0]?.load ?? { rounds: 0, paceMs: 0 };
    expect(rounds * paceMs).toBeLessThan((WINDOW_MS * 2) / 3);
  });

  it('leaves a service with traffic of its own alone', async () => {
    // As many again in each third to come.
    const deps = await depsAt(LOOK_AT, seen(10));

    expect(await drive(deps)).toEqual({ requests: 0, reason: '' });
    expect(runs(deps)).toEqual([]);
  });

  it.each([
    ['is stable itself', true, true],
    ['stands beside a stable', false, false],
  ])('looks for a version that %s at its place in the route', async (_name, isStable, alone) => {
    const asked: (boolean | undefined)[] = [];
    const deps = await depsAt(LOOK_AT, {
      metrics: (query) => {
        asked.push(query.alone);
        return healthySample({ requests: 10 });
      },
    });
    const digest = isStable ? CANDIDATE : STABLE;
    const image = { repository: 'apps/shop/web', digest };
    await deps.rollout.makeStable({ svc: 'shop', env: 'stg', epoch: 1 }, image, '/', 1);

    await drive(deps);

    expect(asked).toEqual([alone]);
  });

  it('drives what is missing where some is seen', async () => {
    const deps = await depsAt(LOOK_AT, seen(5));

    const some = await drive(deps, { percent: 100 });

    expect(some.requests).toBe(15);
  });

  it('says why it can not: the window is over', async () => {
    const deps = await depsAt(new Date(Date.parse(STARTED_AT) + WINDOW_MS), seen(0));

    const { requests, reason } = await drive(deps);

    expect(requests).toBe(0);
    expect(reason).toContain('too short');
    expect(runs(deps)).toEqual([]);
  });

  it('counts what was sent when some of it failed: the judge sees the failures', async () => {
    const healthy = await drive(await depsAt(LOOK_AT, seen(0)));
    const deps = await depsAt(LOOK_AT, seen(0));
    deps.scenarios.breakScenario('buy', 'wrong price');

    expect(await drive(deps)).toEqual(healthy);
  });

  it('stops when it is cancelled while it still waits to look', async () => {
    const deps = await depsAt(new Date(STARTED_AT), seen(0));
    const environment = quietEnvironment();
    const driving = environment
      .run(
        (input: DriveTrafficInput) => createDriveTrafficActivities(deps).driveTraffic(input),
        INPUT,
      )
      .then(
        () => 'done',
        (error: unknown) => (error as Error).name,
      );

    environment.cancel('CANCELLED');

    expect(await driving).not.toBe('done');
    expect(deps.metrics.calls).toEqual([]);
  });

  it('hands its cancellation to the scenarios', async () => {
    const deps = await depsAt(LOOK_AT, seen(0));
    let started = (): void => undefined;
    const running = new Promise<void>((resolve) => (started = resolve));
    const scenarios = {
      run: async ({ signal }: ScenarioRun) => {
        started();
        await sleep(60_000, undefined, { ...(signal && { signal }) });
        return [];
      },
    };
    const environment = quietEnvironment();
    const driving = environment
      .run(
        (input: DriveTrafficInput) =>
          createDriveTrafficActivities({ ...deps, scenarios }).driveTraffic(input),
        INPUT,
      )
      .then(
        () => 'done',
        () => 'stopped',
      );
    await running;

    environment.cancel('CANCELLED');

    expect(await driving).toBe('stopped');
  });

  it.each(['sampleWindow', 'getState'] as const)('fails when %s does', async (method) => {
    const deps = await depsAt(LOOK_AT, seen(0));
    const [part, code] =
      method === 'getState'
        ? ([deps.rollout, 'ROLLOUT_UNAVAILABLE'] as const)
        : ([deps.metrics, 'METRICS_UNAVAILABLE'] as const);
    part.fail(code, 1, method);

    await expect(drive(deps)).rejects.toMatchObject({ code });
    expect(runs(deps)).toEqual([]);
  });
});
