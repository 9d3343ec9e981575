import path from 'node:path';
import { loadPolicy } from '../../../src/config/policy-file';
import { P95_LATENCY } from '../../../src/domain/plan-defaults';
import type { ComparedMetric } from '../../../src/domain/plan';
import { planOf } from '../../../src/domain/plan-of';
import { originsOf } from '../../../src/domain/plan-origins';
import { PLAN_POLICY, planWith } from '../../support/plans';

const MINUTE = 60_000;
const METRIC: ComparedMetric = {
  name: 'queue',
  query: 'max(queue{d="{{version}}"})',
  worseWhen: 'higher',
  minEffect: 0.1,
};

/** A policy whose canary windows last `windowMs`, its observation three times that. */
function shortPolicy(windowMs: number): typeof PLAN_POLICY {
  const { canary, observation } = PLAN_POLICY;
  return {
    ...PLAN_POLICY,
    canary: { ...canary, windowMs },
    observation: { ...observation, windowMs: 3 * windowMs },
  };
}

describe('the plan of a release', () => {
  it('is the policy with the defaults of the judge, when nobody says more', () => {
    expect(planWith()).toEqual({
      apiVersion: 'plura.reg/plan/v1',
      canary: {
        steps: [5, 25, 100].map((percent) => ({ percent, windowMs: 5 * MINUTE })),
        checkpointMs: 15_000,
        guardrails: PLAN_POLICY.canary.guardrails,
      },
      observation: {
        candidatePercent: 10,
        windowMs: 15 * MINUTE,
        checkpointMs: 30_000,
        guardrails: PLAN_POLICY.observation.guardrails,
        traffic: 'none',
        onInconclusive: { maxExtensions: 1, then: 'fail' },
        onError: { maxExtensions: 1, then: 'fail' },
      },
      judge: {
        sampleIntervalMs: 15_000,
        minSamples: 16,
        falseAlarmRate: 0.01,
        errors: { minDifference: 0.005 },
        metrics: [P95_LATENCY],
        power: { detect: null, maxLengthening: 3 },
        onInconclusive: { maxExtensions: 2, then: 'fail' },
        onError: { maxExtensions: 2, then: 'fail' },
      },
    });
  });

  it('takes the service over the policy and the file over the service, value by value', () => {
    const plan = planOf({
      policy: PLAN_POLICY,
      service: {
        plan: {
          canary: { checkpointMs: 20_000, guardrails: { minRequests: 50, maxP95Ms: 200 } },
          judge: { falseAlarmRate: 0.02, power: { detect: 0.2 } },
        },
      },
      given: {
        canary: { guardrails: { maxP95Ms: 300 } },
        judge: { power: { maxLengthening: 5 }, errors: null },
      },
    });

    expect(plan.canary.checkpointMs).toBe(20_000);
    expect(plan.canary.guardrails).toEqual({ maxErrorRatio: 0.01, maxP95Ms: 300, minRequests: 50 });
    expect(plan.judge).toMatchObject({
      falseAlarmRate: 0.02,
      power: { detect: 0.2, maxLengthening: 5 },
      errors: null,
    });
  });

  it('replaces lists, and gives a step without a window that of the policy', () => {
    const plan = planOf({
      policy: PLAN_POLICY,
      service: { plan: { canary: { steps: [{ percent: 100, windowMs: 1 }] } } },
      given: {
        canary: { steps: [{ percent: 50, windowMs: MINUTE }, { percent: 100 }] },
        judge: { metrics: [METRIC] },
      },
    });

    expect(plan.canary.steps).toEqual([
      { percent: 50, windowMs: MINUTE },
      { percent: 100, windowMs: 5 * MINUTE },
    ]);
    expect(plan.judge.metrics).toEqual([METRIC]);
  });

  it('lets what a layer says of all windows hold for the observation, unless it says otherwise there', () => {
    const all = planWith({ judge: { onInconclusive: { maxExtensions: 4, then: 'hold' } } });
    const apart = planWith({
      judge: { onInconclusive: { maxExtensions: 4, then: 'hold' } },
      observation: { onInconclusive: { maxExtensions: 0 } },
    });

    expect(all.observation.onInconclusive).toEqual({ maxExtensions: 4, then: 'hold' });
    expect(all.observation.onError).toEqual({ maxExtensions: 1, then: 'fail' });
    expect(apart.observation.onInconclusive).toEqual({ maxExtensions: 0, then: 'hold' });
    expect(apart.judge.onInconclusive).toEqual({ maxExtensions: 4, then: 'hold' });
  });

  it.each([
    [8_000, 2_000],
    [100, 25],
    [1, 1],
    [60_000, 15_000],
  ])('samples windows of %d ms every %d ms', (windowMs, interval) => {
    expect(planWith({}, shortPolicy(windowMs)).judge.sampleIntervalMs).toBe(interval);
  });

  it('samples by the windows that the layers give, not by those of the policy', () => {
    const steps = [{ percent: 100, windowMs: 20_000 }];

    expect(planWith({ canary: { steps } }).judge.sampleIntervalMs).toBe(5_000);
  });

  it('compares p95 latency by itself only where each window gives enough samples', () => {
    expect(planWith({}, shortPolicy(8_000)).judge.metrics).toEqual([]);
    expect(planWith({ judge: { minSamples: 21 } }).judge.metrics).toEqual([]);
    expect(planWith({ judge: { minSamples: 20 } }).judge.metrics).toEqual([P95_LATENCY]);
    expect(planWith({ judge: { metrics: [] } }).judge.metrics).toEqual([]);
  });

  it('stands without any window, as a policy may', () => {
    const { canary, judge } = planWith({}, shortPolicy(0));

    expect(canary.steps[0]).toEqual({ percent: 5, windowMs: 0 });
    expect(judge).toMatchObject({ sampleIntervalMs: 15_000, metrics: [] });
  });

  it.each(['default.yaml', 'demo.yaml'])('judges no other way than %s says', (name) => {
    const file = path.resolve(__dirname, '../../../deploy/policy', name);
    const { policy } = loadPolicy(file);

    const { canary, observation, judge } = planWith({}, policy);

    expect(canary.steps.map(({ percent }) => percent)).toEqual(policy.canary.stepsPercent);
    expect(canary.guardrails).toEqual(policy.canary.guardrails);
    expect(observation).toMatchObject({
      windowMs: policy.observation.windowMs,
      onInconclusive: { maxExtensions: policy.observation.maxExtensions, then: 'fail' },
    });
    expect(judge.onError).toEqual({ maxExtensions: policy.canary.maxExtensions, then: 'fail' });
  });
});

describe('where a value of the plan came from', () => {
  const origins = originsOf({
    policy: PLAN_POLICY,
    service: {
      plan: {
        canary: { steps: [{ percent: 1, windowMs: MINUTE }, { percent: 100 }] },
        judge: { errors: null, onError: { then: 'hold' }, power: { detect: 0.3 } },
      },
    },
    given: { judge: { metrics: [METRIC], power: { detect: null } }, observation: { windowMs: 1 } },
  });

  it.each([
    ['canary.steps', 'service'],
    ['canary.steps[0].window', 'service'],
    ['canary.steps[1].window', 'policy'],
    ['canary.checkpoint', 'policy'],
    ['canary.guardrails.maxP95', 'policy'],
    ['observation.window', 'file'],
    ['observation.candidatePercent', 'policy'],
    ['observation.traffic', 'default'],
    ['observation.onError.then', 'service'],
    ['observation.onError.maxExtensions', 'policy'],
    ['observation.onInconclusive.then', 'default'],
    ['judge.sampleInterval', 'default'],
    ['judge.errors', 'service'],
    ['judge.metrics', 'file'],
    ['judge.power.detect', 'file'],
    ['judge.onError.then', 'service'],
    ['judge.onError.maxExtensions', 'policy'],
    ['judge.onInconclusive.then', 'default'],
  ])('%s: %s', (name, origin) => {
    expect(origins[name]).toBe(origin);
  });

  it('is known of every value, by the names that a file has for them', () => {
    const names = Object.keys(originsOf({ policy: PLAN_POLICY, service: {}, given: null }));

    expect(names).toContain('judge.errors.minDifference');
    expect(names.filter((name) => /Ms(?:\.|$)|apiVersion/.test(name))).toEqual([]);
    expect(names).toHaveLength(30);
  });
});
