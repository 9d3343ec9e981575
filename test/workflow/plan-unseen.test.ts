import type { ReleaseRequest } from '../../src/contract/messages';
import { ReleaseError } from '../../src/contract/errors';
import { mintDecisionToken } from '../../src/contract/schema/decision-token';
import type { Undecided } from '../../src/domain/plan';
import type { Policy } from '../../src/domain/policy';
import { splitTurnaround } from '../../src/domain/turnaround';
import { KEY_IDS } from '../../src/ports/signer';
import { afterCall } from '../support/after-call';
import { ANNA, testPolicy } from '../support/builders';
import type { FakeDeps } from '../support/fake-deps';
import { healthySample } from '../support/fakes/metrics-source';
import {
  MINUTE,
  minutesOf,
  PLAN,
  sharesGiven,
  slowed,
  STABLE,
  stepOf,
  takenBackByPlan,
  usePlanServer,
  type PlannedOptions,
  type PlannedRelease,
} from '../support/plan-release';

jest.setTimeout(90_000);

const LONG_AGO = '2026-03-06T20:00:00.000Z';
const BROKEN = { requests: 1_000, errors: 1_000 };

function byPolicy(over: Partial<Policy>, dependencyMs = 20_000): Partial<ReleaseRequest> {
  const { timeouts } = testPolicy();
  const patient = { ...timeouts, releaseMs: 6_000 * MINUTE, dependencyMs };
  return { policy: testPolicy({ timeouts: patient, ...over }) };
}

function undecided(
  which: 'onError' | 'onInconclusive',
  rule: Undecided,
): NonNullable<PlannedOptions['given']> {
  return { ...PLAN, judge: { ...PLAN.judge, [which]: rule } };
}

describe('a candidate that nobody would look at', () => {
  const server = usePlanServer();

  it('is taken back by its guardrails while its window is held for power', async () => {
    const wild = (count: number): readonly number[] =>
      Array.from({ length: count }, (_, n) => 0.01 + (((n + 1) * 7919) % 1_000) / 5_000);
    const release = await server.start('held-broken', {
      series: (_query, count) => [wild(count)],
      metrics: ({ digest }) => healthySample(digest === STABLE ? {} : BROKEN),
      given: {
        ...PLAN,
        judge: {
          ...PLAN.judge,
          power: { detect: 0.1, maxLengthening: 1 },
          onInconclusive: { maxExtensions: 0, then: 'hold' },
        },
      },
    });

    const { result, status } = await release.end();

    expect(result.outcome).toBe('rejected');
    expect(result.reason).toMatch(/^GATE_FAILED: canary 25 %: 100 % of 1000 requests failed/);
    expect(minutesOf(status, 'canary 25 %')).toBeLessThan(1.5);
    expect(await takenBackByPlan(release)).toBe(true);
  });

  async function approve({ deps, request, handle }: PlannedRelease): Promise<void> {
    const mac = (data: Buffer): Promise<Buffer> => deps.kms.mac(KEY_IDS.decision, data);
    const token = await mintDecisionToken(mac, ANNA, 'approve', request.releaseId, Date.now());
    await handle.signal('approve', { token });
  }

  async function approvedLate(
    svc: string,
    last: Partial<ReturnType<typeof healthySample>>,
  ): Promise<PlannedRelease> {
    let shown: Partial<ReturnType<typeof healthySample>> = {};
    const { approval } = testPolicy();
    const rule = { ...approval, required: true, timeoutMs: 3_000 * MINUTE };
    const release = await server.start(svc, {
      series: slowed(1),
      metrics: ({ digest }) => healthySample(digest === STABLE ? {} : shown),
      builder: { labels: { 'plura.commit_author': 'Adam <adam@example.com>' } },
      request: byPolicy({ approval: rule }),
    });
    await server.environment.sleep(60 * MINUTE);
    expect((await release.status()).stage).toBe('approval');
    shown = last;
    await server.environment.sleep(60 * MINUTE);
    await approve(release);
    return release;
  }

  it('is not pinned when it has failed since its observation', async () => {
    const release = await approvedLate('late-broken', BROKEN);

    const { result } = await release.end();

    expect(result.outcome).toBe('rejected');
    expect(result.reason).toMatch(/^GATE_FAILED: observation 10 %: 100 % of 1000 requests failed/);
    expect(await takenBackByPlan(release)).toBe(true);
  });

  it('is pinned after its last window has passed again', async () => {
    const release = await approvedLate('late-well', {});

    const { result, status } = await release.end();

    expect(result.outcome).toBe('released');
    const again = status.steps.filter(({ title }) => title === 'observed again');
    expect(again.map(({ stage }) => stage)).toEqual(['observation']);
    expect(minutesOf(status, 'observed again')).toBeLessThan(1);
  });

  /** Its line is stopped in the last window of stg for an hour; then it shows `last`. */
  async function frozenInStg(
    svc: string,
    last: (deps: FakeDeps) => Partial<ReturnType<typeof healthySample>>,
  ): Promise<PlannedRelease> {
    let shown: Partial<ReturnType<typeof healthySample>> = {};
    const release = await server.start(svc, {
      series: slowed(1),
      metrics: ({ digest }) => healthySample(digest === STABLE ? {} : shown),
      request: byPolicy({}),
      arrange: ({ rollout, freezes }) => {
        afterCall(rollout, 'setCandidatePercent', async ({ env }, _digest, percent) => {
          if (env !== 'stg' || percent !== 100) return;
          await freezes.stop({ svc: null, reason: 'incident', by: 'carol', at: LONG_AGO });
        });
      },
    });
    await server.environment.sleep(60 * MINUTE);
    expect(stepOf(await release.status(), 'freeze: stg channel')).toMatchObject({
      state: 'running',
    });
    shown = last(release.deps);
    await release.deps.freezes.resume(null, 'carol', 'over', LONG_AGO);
    return release;
  }

  it('is not made stg:stable when it has failed while the line was stopped', async () => {
    const release = await frozenInStg('stopped-broken', () => BROKEN);

    const { result } = await release.end();

    expect(result.outcome).toBe('rejected');
    expect(result.reason).toMatch(/^GATE_FAILED: canary 100 %: 100 % of 1000 requests failed/);
    expect(await takenBackByPlan(release)).toBe(true);
  });

  it('is not made stg:stable when it has crashed while the line was stopped', async () => {
    const release = await frozenInStg('stopped-crashed', ({ rollout }) => {
      rollout.show({ svc: 'stopped-crashed', env: 'stg' }, { trouble: 'it has ended by itself' });
      return {};
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('rejected');
    expect(result.reason).toContain('before stg:stable');
    expect(result.reason).toContain('it has ended by itself');
    expect(await takenBackByPlan(release)).toBe(true);
  });

  it('is made stg:stable after its last window has passed again', async () => {
    const release = await frozenInStg('stopped-well', () => ({}));

    const { result, status } = await release.end();

    expect(result.outcome).toBe('released');
    const again = status.steps.filter(({ title }) => title === 'observed again');
    expect(again.map(({ stage }) => stage)).toEqual(['canary']);
  });

  it('is looked at though the alert about its hold can not be delivered', async () => {
    let looks = 0;
    const release = await server.start('unheard', {
      series: slowed(1),
      metrics: () => {
        looks += 1;
        return healthySample(looks < 12 ? { requests: 1 } : BROKEN);
      },
      given: undecided('onInconclusive', { maxExtensions: 0, then: 'hold' }),
      request: byPolicy({}, 60 * MINUTE),
      arrange: ({ notifier }) => {
        notifier.fail('NOTIFIER_UNAVAILABLE', 10_000);
      },
    });

    const { result, status } = await release.end();

    expect(result.outcome).toBe('rejected');
    expect(minutesOf(status, 'canary 25 %')).toBeLessThan(10);
  });
});

describe('a window while nobody can measure', () => {
  const server = usePlanServer();

  /** Of the candidate; what stable showed before is known. */
  function silentFor(calls: number): Required<Pick<PlannedOptions, 'metrics' | 'series'>> {
    let asked = 0;
    return {
      series: slowed(1),
      metrics: ({ digest }) => {
        if (digest !== STABLE) asked += 1;
        if (digest !== STABLE && asked <= calls)
          throw new ReleaseError('METRICS_UNAVAILABLE', 'not now');
        return healthySample();
      },
    };
  }

  it('is held where the plan says so, and goes on when it can be measured again', async () => {
    const release = await server.start('silent-hold', {
      ...silentFor(150),
      given: undecided('onError', { maxExtensions: 0, then: 'hold' }),
    });

    const { result, status } = await release.end();

    expect(result.outcome).toBe('released');
    expect(minutesOf(status, 'canary 25 %')).toBeGreaterThan(9);
    const lost = minutesOf(status, 'retry: canary 25 % measured');
    expect(stepOf(status, 'retry: canary 25 % measured')?.state).toBe('done');
    expect(lost).toBeGreaterThan(4);
    expect(splitTurnaround(status, [])!.parts.retry).toBeCloseTo(lost * MINUTE, -4);
    expect(sharesGiven(release)).toEqual([25, 100, 10]);
    const told = release.deps.notifier.calls.map(({ args }) => JSON.stringify(args));
    expect(told.filter((text) => text.includes('could not be measured'))).toHaveLength(1);
    const outcomes = release.deps.ledger.verdicts
      .filter(({ verdict }) => verdict.subject === '25 %')
      .map(({ verdict }) => verdict.outcome);
    expect(outcomes.filter((outcome) => outcome === 'error')).toHaveLength(1);
    expect(outcomes.at(-1)).toBe('pass');
  });

  it('is extended and then fails where the plan says so', async () => {
    const release = await server.start('silent-fail', {
      ...silentFor(1_000_000),
      given: undecided('onError', { maxExtensions: 1, then: 'fail' }),
    });

    const { result, status } = await release.end();

    expect(result.outcome).toBe('failed');
    expect(result.reason).toMatch(/^METRICS_UNAVAILABLE: canary 25 %: could not be measured/);
    expect(minutesOf(status, 'canary 25 %')).toBeGreaterThanOrEqual(10);
    expect(stepOf(status, 'retry: canary 25 % measured')?.state).toBe('failed');
    expect(await takenBackByPlan(release)).toBe(true);
    const [standing] = await release.deps.ledger
      .standingVerdicts(release.request.releaseId)
      .then((all) => all.filter(({ verdict }) => verdict.subject === '25 %'));
    expect(standing?.verdict).toMatchObject({
      outcome: 'error',
      reasons: [expect.stringMatching(/^could not be measured: .*not now/)],
      evidence: {
        code: 'METRICS_UNAVAILABLE',
        from: expect.any(String) as string,
        to: expect.any(String) as string,
      },
    });
  });

  it('is taken back before the ledger, which is down too, can say that it was not measured', async () => {
    let goDown = (): void => undefined;
    const release = await server.start('silent-ledger', {
      series: slowed(1),
      metrics: ({ digest }) => {
        if (digest === STABLE) return healthySample();
        goDown();
        throw new ReleaseError('METRICS_UNAVAILABLE', 'not now');
      },
      given: undecided('onError', { maxExtensions: 0, then: 'fail' }),
      arrange: ({ ledger }) => {
        goDown = () => {
          ledger.fail('LEDGER_UNAVAILABLE', 10_000, 'recordVerdict');
          goDown = () => undefined;
        };
      },
    });

    const { result, status } = await release.end();

    expect(result.outcome).toBe('failed');
    expect(await takenBackByPlan(release)).toBe(true);
    const [first] = status.steps.filter(({ stage }) => stage === 'compensation');
    const endedAt = stepOf(status, 'canary 25 %')?.endedAt ?? '';
    expect(Date.parse(first?.startedAt ?? '') - Date.parse(endedAt)).toBeLessThan(1_000);
    const asked = release.deps.ledger.calls.filter(({ method }) => method === 'recordVerdict');
    expect(asked.length).toBeGreaterThan(3);
  });

  it('waits as long as the policy does, though its extensions would be over, and asks the rollout meanwhile', async () => {
    const minutes = 30;
    const release = await server.start('silent-patient', {
      // Ten attempts a look, which follow each other: a quarter of an hour.
      ...silentFor(300),
      given: undecided('onError', { maxExtensions: 0, then: 'fail' }),
      request: byPolicy({}, minutes * MINUTE),
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('released');
    const looks = release.deps.rollout.calls.filter(({ method }) => method === 'getState');
    expect(looks.length).toBeGreaterThan(25);
  });
});
