import { defaultPayloadConverter } from '@temporalio/common';
import type { DriveTrafficInput } from '../../activities/drive-traffic';
import type { GivenPlan } from '../../src/domain/plan-given';
import type { Service } from '../../src/domain/service';
import { testService } from '../support/builders';
import { healthySample } from '../support/fakes/metrics-source';
import { sharesGiven, usePlanServer, type PlannedRelease } from '../support/plan-release';
import { startDevServer } from '../support/temporal';

jest.setTimeout(60_000);

interface Scheduled {
  readonly type: string;
  readonly input: unknown;
  readonly limitSeconds: number;
}

async function scheduledBy({ handle }: PlannedRelease): Promise<readonly Scheduled[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
    const [payload] = scheduled?.input?.payloads ?? [];
    if (!scheduled || !payload) return [];
    return [
      {
        type: scheduled.activityType?.name ?? '',
        input: defaultPayloadConverter.fromPayload<unknown>(payload),
        limitSeconds: Number(scheduled.startToCloseTimeout?.seconds ?? 0),
      },
    ];
  });
}

async function drivenBy(release: PlannedRelease): Promise<readonly string[]> {
  const scheduled = await scheduledBy(release);
  return scheduled
    .filter(({ type }) => type === 'driveTraffic')
    .map(({ input }) => {
      const { env, percent, extensions = 0 } = input as DriveTrafficInput;
      return `${env} ${percent} % extended ${extensions}`;
    });
}

const quietIn =
  (quiet: string) =>
  ({ env }: { readonly env: string }) =>
    healthySample({ requests: env === quiet ? 3 : 1_000 });

/** Activities take part here, and their time can't be skipped. */
const PLAN: GivenPlan = {
  canary: {
    steps: [
      { percent: 25, windowMs: 1_000 },
      { percent: 100, windowMs: 1_000 },
    ],
    checkpointMs: 500,
  },
  observation: { windowMs: 1_000, checkpointMs: 500 },
  judge: { sampleIntervalMs: 50 },
};

const planned = (over: GivenPlan): GivenPlan => ({
  ...PLAN,
  ...over,
  judge: { ...PLAN.judge, metrics: [], ...over.judge },
});

const withScenarios = (svc: string): { readonly service: Service } => ({
  service: testService(svc),
});

describe('traffic for a window', () => {
  const server = usePlanServer(undefined, startDevServer);

  it('is made in it and in each extension that the plan allows, and no longer', async () => {
    const release = await server.start('quiet', {
      metrics: quietIn('stg'),
      request: withScenarios('quiet'),
      given: planned({ judge: { onInconclusive: { maxExtensions: 2, then: 'fail' } } }),
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('rejected');
    expect(await drivenBy(release)).toEqual([0, 1, 2].map((n) => `stg 25 % extended ${n}`));
  });

  it.each([
    ['drive', ['prod 10 % extended 0', 'prod 10 % extended 1']],
    ['none', []],
  ] as const)('is made in prod where the plan says so: %s', async (traffic, expected) => {
    const svc = `prod-${traffic}`;
    const observation = { ...PLAN.observation, traffic };
    const release = await server.start(svc, {
      metrics: quietIn('prod'),
      request: withScenarios(svc),
      given: planned({
        observation: { ...observation, onInconclusive: { maxExtensions: 1, then: 'fail' } },
      }),
    });

    const { result } = await release.end();

    expect(result.reason).toContain('observation 10 %');
    const driven = await drivenBy(release);
    expect(driven.filter((one) => one.startsWith('prod'))).toEqual(expected);
  });

  it('leaves scenarios as much time as they have', async () => {
    const service = testService('slow');
    const [scenario] = service.scenarios;
    const [step] = scenario!.steps;
    const slow = { ...step!, expect: { status: 200, maxMs: 60_000 } };
    const release = await server.start('slow', {
      request: {
        service: { ...service, scenarios: [{ ...scenario!, steps: [slow, slow] }] },
      },
      given: planned({}),
    });

    await release.end();

    const runs = (await scheduledBy(release)).filter(({ type }) => type === 'runScenarios');
    expect(runs.map(({ limitSeconds }) => limitSeconds >= 120)).toEqual([true, true]);
  });
});

describe('a window that can not show what is asked', () => {
  const server = usePlanServer(undefined, startDevServer);
  const steady = (count: number): readonly number[] =>
    Array.from({ length: count }, (_, n) => 0.1 * (1 + (((n + 1) * 7919) % 100) / 5_000));
  const wild = (count: number): readonly number[] =>
    Array.from({ length: count }, (_, n) => 0.01 + (((n + 1) * 7919) % 1_000) / 5_000);

  async function start(svc: string, then: 'hold' | 'fail'): Promise<PlannedRelease> {
    let asked = 0;
    return server.start(svc, {
      series: (_query, count) => {
        asked += 1;
        return [asked <= 2 ? wild(count) : steady(count)];
      },
      given: {
        ...PLAN,
        judge: {
          ...PLAN.judge,
          power: { detect: 0.1, maxLengthening: 1 },
          onInconclusive: { maxExtensions: 0, then },
        },
      },
    });
  }

  it('ends the release where the plan says fail', async () => {
    const release = await start('weak-fail', 'fail');

    const { result } = await release.end();

    expect(result.outcome).toBe('rejected');
    expect(result.reason).toContain('canary 25 %, power');
    expect(sharesGiven(release)).toEqual([25]);
  });

  it('holds where the plan says hold, tells people, and goes on once it can', async () => {
    const release = await start('weak-hold', 'hold');

    const { result } = await release.end();

    expect(result.outcome).toBe('released');
    expect(sharesGiven(release)).toEqual([25, 100, 10]);
    const told = release.deps.notifier.calls.map(({ args }) => JSON.stringify(args));
    expect(told.filter((text) => text.includes('canary 25 % holds'))).toHaveLength(1);
    const assessed = (await scheduledBy(release)).filter(({ type }) => type === 'assessWindow');
    expect(assessed.length).toBe(4);
  });
});
