import { readFile } from 'node:fs/promises';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { healthySample } from '../support/fakes/metrics-source';
import {
  MINUTE,
  PLAN,
  sharesGiven,
  slowed,
  stepOf,
  takenBackByPlan,
  usePlanServer,
  type PlannedOptions,
  type PlannedRelease,
} from '../support/plan-release';
import { loadWorkflowBundle } from '../support/temporal';

jest.setTimeout(90_000);

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

// Skipped: they hang on the time-skipping server (a cancelled or retried activity beside another) and passed on the dev server, at
// a second for a minute, only. See the closing note of issue C.
describe('the window of a release by its plan', () => {
  const server = usePlanServer();

  it.skip.each([
    [
      'has crashed in the canary',
      'stg',
      { trouble: "shop's container exited 3 times; last lines: panic" },
      /^GATE_FAILED: canary 25 %, rollout: shop's container exited 3 times; last lines: panic/,
    ],
    [
      'has another share by hand',
      'prod',
      { drift: ['kubectl-edit changed HTTPRoute shop: it splits 70, 30, not 90, 10'] },
      /^GATE_FAILED: observation 10 %, rollout: kubectl-edit changed HTTPRoute/,
    ],
  ] as const)('ends when the candidate %s', async (what, env, signs, why) => {
    const svc = `signs-${what.length}`;
    let show = (): void => undefined;
    const release = await server.start(svc, {
      ...from(8, env, () => {
        show();
      }),
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

  it.skip('waits for a rollout target that does not answer, and passes nothing meanwhile', async () => {
    const release = await server.start('unasked', {
      series: slowed(1),
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

  it('is looked at a hundred times at most, however close its checkpoints are', async () => {
    const release = await server.start('hasty', {
      series: slowed(1),
      given: {
        ...PLAN,
        canary: { steps: [{ percent: 25, windowMs: 5 * MINUTE }], checkpointMs: 1 },
        observation: { windowMs: 0 },
      },
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('released');
    expect(looksOf(release)).toBeGreaterThan(90);
    expect(looksOf(release)).toBeLessThanOrEqual(101);
  });

  const UNDECIDED: PlannedOptions = {
    series: slowed(1),
    metrics: () => healthySample({ requests: 1 }),
    given: {
      ...PLAN,
      judge: { ...PLAN.judge, onInconclusive: { maxExtensions: 0, then: 'hold' } },
    },
  };

  it.skip('is looked at less and less often while it is held, and ends with the release', async () => {
    const release = await server.start('held', UNDECIDED);

    const { result, status } = await release.end();

    expect(result).toMatchObject({ outcome: 'failed' });
    expect(result.reason).toContain('not done within');
    expect(sharesGiven(release)).toEqual([25]);
    expect(await takenBackByPlan(release)).toBe(true);
    // Ten hours: five looks before it is held, then one each five minutes.
    expect(looksOf(release)).toBeGreaterThan(60);
    expect(looksOf(release)).toBeLessThan(140);
    expect(stepOf(status, 'canary 25 %')?.state).toBe('failed');
    expect(release.deps.notifier.calls.length).toBe(1);
  });

  it('goes on from a hold with the first look that passes', async () => {
    let looks = 0;
    const release = await server.start('decided', {
      ...UNDECIDED,
      metrics: () => {
        looks += 1;
        return healthySample(looks < 30 ? { requests: 1 } : {});
      },
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('released');
    expect(sharesGiven(release)).toEqual([25, 100, 10]);
  });

  it('puts traffic back before it waits for a registry that is down', async () => {
    const release = await server.start('traffic-first', {
      ...from(8, 'prod', () => {
        release.deps.registry.fail('REGISTRY_UNAVAILABLE', 3, 'deleteTag');
        release.deps.rollout.show({ svc: 'traffic-first', env: 'prod' }, { trouble: 'it crashed' });
      }),
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
  return { code: code.replaceAll(limit, 'MAX_EVENTS = 600') };
}

describe('a release that fills its history', () => {
  const server = usePlanServer(withLittleRoom);

  it.skip('is ended and taken back while there is room for that', async () => {
    const release = await server.start('full', {
      series: slowed(1),
      metrics: () => healthySample({ requests: 1 }),
      given: {
        ...PLAN,
        judge: { ...PLAN.judge, onInconclusive: { maxExtensions: 0, then: 'hold' } },
      },
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('failed');
    expect(result.reason).toMatch(/waited for too long to be kept by Temporal \(6\d\d events\)/);
    expect(await takenBackByPlan(release)).toBe(true);
  });
});
