import { readFile } from 'node:fs/promises';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { ReleaseRequest } from '../../src/contract/messages';
import type { GivenPlan } from '../../src/domain/plan-given';
import type { TimeoutPolicy } from '../../src/domain/policy';
import { testPolicy } from '../support/builders';
import { healthySample } from '../support/fakes/metrics-source';
import {
  sharesGiven,
  slowed,
  stepOf,
  takenBackByPlan,
  usePlanServer,
  type PlannedOptions,
  type PlannedRelease,
} from '../support/plan-release';
import { it } from '../support/side-by-side';
import { loadWorkflowBundle, startDevServer } from '../support/temporal';

jest.setTimeout(90_000);

const SECOND = 1_000;

const SHORT: GivenPlan = {
  canary: {
    steps: [
      { percent: 25, windowMs: 5 * SECOND },
      { percent: 100, windowMs: 5 * SECOND },
    ],
    checkpointMs: SECOND,
  },
  observation: { windowMs: 5 * SECOND, checkpointMs: SECOND },
  judge: { sampleIntervalMs: 80 },
};

function timed(over: Partial<TimeoutPolicy>): Partial<ReleaseRequest> {
  const { timeouts } = testPolicy();
  return { policy: testPolicy({ timeouts: { ...timeouts, ...over } }) };
}

const looksOf = ({ deps }: PlannedRelease): number =>
  deps.ledger.verdicts.filter(({ verdict }) => verdict.subject === '25 %').length;

/** Shows something of the candidate from so many looks at an environment on. */
function from(
  count: number,
  env: 'stg' | 'prod',
  act: () => void,
): Required<Pick<PlannedOptions, 'metrics' | 'series'>> {
  let looks = 0;
  return {
    series: slowed(1),
    metrics: (query) => {
      if (query.env === env) looks += 1;
      if (looks === count) act();
      return healthySample();
    },
  };
}

describe('the window of a release by its plan', () => {
  // On the dev server: the one that skips time hangs, now and then, where a running activity is cancelled beside one that has failed.
  const server = usePlanServer(undefined, startDevServer);

  it.each([
    [
      'has crashed in the canary',
      'stg',
      { trouble: "shop's container exited 3 times; last lines: panic" },
      /^GATE_FAILED: canary 25 %, rollout: shop's container exited 3 times; last lines: panic/,
    ],
    [
      'was evicted in prod',
      'prod',
      { trouble: 'pod p: it was evicted: low on memory' },
      /^GATE_FAILED: observation 10 %, rollout: pod p: it was evicted: low on memory/,
    ],
    [
      'has another share by hand',
      'prod',
      { drift: ['kubectl-edit changed HTTPRoute shop: it splits 70, 30, not 90, 10'] },
      /^GATE_FAILED: observation 10 %, rollout: kubectl-edit changed HTTPRoute/,
    ],
  ] as const)('ends when the candidate %s', async (what, env, signs, why) => {
    const svc = `signs-${what.replaceAll(' ', '-')}`;
    let show = (): void => undefined;
    const release = await server.start(svc, {
      ...from(8, env, () => {
        show();
      }),
      given: SHORT,
      arrange: ({ rollout }) => {
        show = () => {
          rollout.show({ svc, env }, signs);
        };
      },
    });

    const { result, status } = await release.end();

    expect(result.outcome).toBe('rejected');
    expect(result.reason).toMatch(why);
    expect(await takenBackByPlan(release)).toBe(true);
    const { verdicts } = status;
    const gate = /^G.*?: (\w+)/.exec(result.reason)?.[1];
    expect(verdicts).toContainEqual(expect.objectContaining({ outcome: 'fail', gate }));
  });

  it('waits for a rollout target that does not answer, and passes nothing meanwhile', async () => {
    const release = await server.start('unasked', {
      series: slowed(1),
      given: SHORT,
      arrange: ({ rollout }) => {
        rollout.fail('ROLLOUT_UNAVAILABLE', 3, 'getState');
      },
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('released');
    expect(sharesGiven(release)).toEqual([25, 100, 10]);
    const asked = release.deps.rollout.calls.filter(({ method }) => method === 'getState');
    expect(asked.length).toBeGreaterThan(15);
  });

  const UNDECIDED: PlannedOptions = {
    series: slowed(1),
    metrics: () => healthySample({ requests: 1 }),
    given: {
      ...SHORT,
      judge: { ...SHORT.judge, onInconclusive: { maxExtensions: 0, then: 'hold' } },
    },
  };

  it('is looked at less and less often while it is held, and ends with the release', async () => {
    const release = await server.start('held', {
      ...UNDECIDED,
      request: timed({ releaseMs: 40 * SECOND }),
    });

    const { result, status } = await release.end();

    expect(result).toMatchObject({ outcome: 'failed' });
    expect(result.reason).toContain('not done within');
    expect(sharesGiven(release)).toEqual([25]);
    expect(await takenBackByPlan(release)).toBe(true);
    // Forty seconds: five looks before it is held, then after 1, 2, 4 … s, and where an extension would end.
    expect(looksOf(release)).toBeGreaterThan(8);
    expect(looksOf(release)).toBeLessThan(25);
    expect(stepOf(status, 'canary 25 %')?.state).toBe('failed');
    expect(release.deps.notifier.calls.length).toBe(1);
  });

  it('puts traffic back before it waits for a registry that is down', async () => {
    const release = await server.start('traffic-first', {
      ...from(8, 'prod', () => {
        release.deps.registry.fail('REGISTRY_UNAVAILABLE', 3, 'deleteTag');
        release.deps.rollout.show({ svc: 'traffic-first', env: 'prod' }, { trouble: 'it crashed' });
      }),
      given: SHORT,
    });

    const { status } = await release.end();

    expect(await takenBackByPlan(release)).toBe(true);
    const undone = status.steps.filter(({ stage }) => stage === 'compensation');
    expect(undone.map(({ title }) => title).slice(0, 3)).toEqual([
      'prod candidate withdrawn',
      'stg traffic back',
      'stg candidate withdrawn',
    ]);
  });

  it('takes everything else back before it waits for the alert about what failed', async () => {
    const release = await server.start('alerted', {
      ...from(8, 'prod', () => {
        release.deps.notifier.fail('NOTIFIER_UNAVAILABLE', 100);
        release.deps.rollout.fail('CHANNEL_MOVED', 1, 'withdrawCandidate');
        release.deps.rollout.show({ svc: 'alerted', env: 'prod' }, { trouble: 'it crashed' });
      }),
      given: SHORT,
      request: timed({ dependencyMs: 8_000 }),
    });

    const { status } = await release.end();

    const undone = status.steps.filter(({ stage }) => stage === 'compensation');
    expect(undone[0]).toMatchObject({
      title: 'prod candidate withdrawn',
      state: 'compensation-failed',
    });
    expect(undone.slice(1).map(({ state }) => state)).not.toContain('compensation-failed');
    const [first, last] = [undone[0], undone.at(-1)].map((one) => Date.parse(one?.endedAt ?? ''));
    const patienceMs = release.request.policy.timeouts.dependencyMs;
    expect((last ?? NaN) - (first ?? NaN)).toBeLessThan(patienceMs / 2);
  });
});

/** The workflows with room for fewer events, so that a test can use it up. */
async function withLittleRoom(): Promise<WorkflowBundleOption> {
  const bundle = (await loadWorkflowBundle()) as { readonly codePath: string };
  const code = await readFile(bundle.codePath, 'utf8');
  const limit = /MAX_EVENTS = 40_?000/g;
  if (!limit.test(code)) throw new Error('the limit of a history is not where it was');
  return { code: code.replaceAll(limit, 'MAX_EVENTS = 150') };
}

describe('a release that fills its history', () => {
  const server = usePlanServer(withLittleRoom, startDevServer);

  it('is ended and taken back while there is room for that', async () => {
    const release = await server.start('full', {
      series: slowed(1),
      metrics: () => healthySample({ requests: 1 }),
      given: {
        ...SHORT,
        judge: { ...SHORT.judge, onInconclusive: { maxExtensions: 0, then: 'hold' } },
      },
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('failed');
    expect(result.reason).toMatch(/waited for too long to be kept by Temporal \(1\d\d events\)/);
    expect(await takenBackByPlan(release)).toBe(true);
  });
});
