import { planRelease } from '../../../src/api/promotion/release-plan';
import type { ReleaseError } from '../../../src/contract/errors';
import { PlanFile } from '../../../src/contract/schema/plan';
import type { Plan } from '../../../src/domain/plan';
import type { GivenPlan } from '../../../src/domain/plan-given';
import { PLAN_POLICY } from '../../support/plans';

const DEPS = { policy: PLAN_POLICY, scrapeIntervalMs: 1_000 };

function plan(parts: object, service: GivenPlan = {}): Plan {
  const canaryPlan = PlanFile.parse({ apiVersion: 'plura.reg/plan/v1', ...parts });
  return planRelease(DEPS, { svc: 'checkout', plan: service }, { canaryPlan });
}

function refusal(parts: object, service: GivenPlan = {}): ReleaseError {
  try {
    plan(parts, service);
  } catch (error) {
    return error as ReleaseError;
  }
  throw new Error('it was taken');
}

describe('the plan of a promotion', () => {
  it('is that of the service without a file', () => {
    const service = { svc: 'checkout', plan: { judge: { minSamples: 18 } } };

    expect(planRelease(DEPS, service, {}).judge.minSamples).toBe(18);
  });

  it('is stricter by a file', () => {
    const { canary, judge } = plan({
      canary: { guardrails: { maxP95: '250ms' } },
      judge: { errors: { minDifference: 0.002 } },
    });

    expect(canary.guardrails.maxP95Ms).toBe(250);
    expect(judge.errors).toEqual({ minDifference: 0.002 });
  });

  it.each<[string, object]>([
    ['canary.steps', { canary: { steps: [{ percent: 5 }, { percent: 99 }, { percent: 100 }] } }],
    ['canary.checkpoint', { canary: { checkpoint: '2m' } }],
    ['observation.candidatePercent', { observation: { candidatePercent: 100 } }],
    ['observation.traffic', { observation: { traffic: 'drive' } }],
    ['observation.onInconclusive.then', { observation: { onInconclusive: { then: 'hold' } } }],
    ['judge.onError.then', { judge: { onError: { then: 'hold' } } }],
    ['judge.errors', { judge: { errors: null } }],
    ['judge.sampleInterval', { judge: { sampleInterval: '5s' } }],
    ['judge.falseAlarmRate', { judge: { falseAlarmRate: 0.001 } }],
    ['judge.minSamples', { judge: { minSamples: 19 } }],
    ['judge.power.maxLengthening', { judge: { power: { maxLengthening: 20 } } }],
  ])('is refused where a file makes %s easier, by its path', (path, parts) => {
    const { code, message, details } = refusal(parts);

    expect(code).toBe('INVALID_INPUT');
    expect(details['field']).toBe(`canaryPlan.${path}`);
    expect(message).toContain('may be stricter than the plan of checkout, not easier');
  });

  it('is refused where it can not work', () => {
    const { message } = refusal({ judge: { metrics: [], power: { detect: 0.2 } } });

    expect(message).toContain('canaryPlan.judge.power.detect: no metric is compared');
  });

  it('is refused where its samples would be taken between two scrapes', () => {
    const metrics = [{ name: 'cpu', query: 'cpu{e="{{env}}",d="{{version}}"}' }];
    const parts = { judge: { metrics } };
    const canaryPlan = PlanFile.parse({ apiVersion: 'plura.reg/plan/v1', ...parts });
    const service = { svc: 'checkout', plan: {} };

    const refused = (): unknown =>
      planRelease({ ...DEPS, scrapeIntervalMs: 20_000 }, service, { canaryPlan });

    expect(refused).toThrow('canaryPlan.judge.sampleInterval: 15s is shorter than the 20s');
  });
});
