import fc from 'fast-check';
import { judgeSamples } from '../../../src/domain/judge/judge-samples';
import type { WindowInput } from '../../../src/domain/judge/window-input';
import type { ComparedMetric, Plan } from '../../../src/domain/plan';
import { P95_LATENCY } from '../../../src/domain/plan-defaults';
import type { GivenPlan } from '../../../src/domain/plan-given';
import { loosenedBy } from '../../../src/domain/plan-loosened';
import { planOf } from '../../../src/domain/plan-of';
import { planOver } from '../../../src/domain/plan-over';
import type { Policy } from '../../../src/domain/policy';
import { noise, times } from '../../support/judge/draws';
import { seededRandom } from '../../support/judge/random';
import { drawWindow } from '../../support/judge/windows';
import { PLAN_POLICY } from '../../support/plans';

const metric = (name: string, over: Partial<ComparedMetric> = {}): ComparedMetric => ({
  name,
  query: `${name}{d="{{version}}"}`,
  worseWhen: 'higher',
  minEffect: 0.05,
  ...over,
});

function over(
  given: GivenPlan,
  plan: GivenPlan = {},
  policy: Policy = PLAN_POLICY,
): { readonly plan: Plan; readonly standard: Plan } {
  const input = { policy, service: { plan } };
  const standard = planOf({ ...input, given: null });
  return { standard, plan: planOver(standard, { ...input, given }) };
}

describe('a plan given with a promotion', () => {
  it('samples as the standard does, whatever windows it adds', () => {
    const steps = [
      { percent: 1, windowMs: 10_000 },
      ...[5, 25, 100].map((percent) => ({ percent })),
    ];

    const { plan, standard } = over({ canary: { steps } });

    expect(plan.judge).toEqual(standard.judge);
    expect(plan.judge.metrics).toEqual([P95_LATENCY]);
    expect(loosenedBy(plan, standard)).toEqual([]);
  });

  it('compares what it adds at a rate of its own', () => {
    const metrics = [P95_LATENCY, metric('queue')];

    const { plan } = over(
      { judge: { metrics, errors: { minDifference: 0.01 } } },
      {
        judge: { errors: null },
      },
    );

    expect(plan.judge.added).toEqual(['errors', 'queue']);
  });
});

/** What a window may show of both tracks, from alike to plainly worse. */
const tracks = fc.record({
  seed: fc.nat(10_000),
  slower: fc.constantFrom(1, 1.1, 1.3, 2),
  samples: fc.constantFrom(8, 12, 20, 60),
  errorRatio: fc.constantFrom(0.001, 0.005, 0.03),
  requests: fc.constantFrom(60, 400, 5_000),
  p95Ms: fc.constantFrom(100, 400, 600),
  rho: fc.constantFrom(0, 0.6),
});

const guardrails = fc.record({
  maxErrorRatio: fc.constantFrom(0.005, 0.01, 0.05),
  maxP95Ms: fc.constantFrom(300, 500),
  minRequests: fc.constantFrom(10, 100, 1_000),
});

const compared = fc.record({
  minSamples: fc.constantFrom(9, 16, 30),
  falseAlarmRate: fc.constantFrom(0.01, 0.02),
  errors: fc.option(fc.record({ minDifference: fc.constantFrom(0.001, 0.005, 0.02) })),
  metrics: fc
    .record({
      minEffect: fc.constantFrom(0.01, 0.05, 0.2),
      required: fc.boolean(),
      others: fc.subarray(['cpu', 'memory', 'queue']),
    })
    .map(({ minEffect, required, others }) => [
      metric('latency', { minEffect, required }),
      ...others.map((name) => metric(name)),
    ]),
});

const rules = fc.record({ rails: guardrails, judge: compared });

/** The rules of a service, and the same with a few of them changed. */
const pairs = fc
  .record({
    service: rules,
    other: rules,
    rails: fc.subarray(['maxErrorRatio', 'maxP95Ms', 'minRequests'] as const, { maxLength: 2 }),
    judge: fc.subarray(['minSamples', 'falseAlarmRate', 'errors', 'metrics'] as const, {
      maxLength: 2,
    }),
  })
  .map(({ service, other, rails, judge }) => ({
    service,
    file: {
      rails: { ...service.rails, ...pick(other.rails, rails) },
      judge: { ...service.judge, ...pick(other.judge, judge) },
    },
  }));

function pick<T extends object>(from: T, keys: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Partial<T>;
}

/** Nothing is wrong with the metrics beside latency, of which there is plenty. */
function windowOf(drawn: typeof tracks extends fc.Arbitrary<infer One> ? One : never): WindowInput {
  const { seed, slower, samples, rho, errorRatio, requests, p95Ms } = drawn;
  const latency = noise({ n: samples, rho });
  const rest = { cpu: noise(), memory: noise(), queue: noise() };
  return drawWindow(
    {
      candidate: {
        requests,
        errorRatio,
        p95Ms,
        series: { latency: times(latency, slower), ...rest },
      },
      stable: { series: { latency, ...rest } },
    },
    seededRandom(seed),
  );
}

it('lets no window pass that the standard fails', () => {
  let accepted = 0;
  let failed = 0;
  fc.assert(
    fc.property(pairs, tracks, ({ service, file }, drawn) => {
      const layer = ({ rails, judge }: typeof service): GivenPlan => ({
        canary: { guardrails: rails },
        judge,
      });
      const { plan, standard } = over(layer(file), layer(service));
      if (loosenedBy(plan, standard).length > 0) return;
      accepted += 1;
      const window = windowOf(drawn);
      const by = ({ judge, canary }: Plan): string =>
        judgeSamples({ ...window, judge, guardrails: canary.guardrails }).outcome;

      if (by(standard) !== 'fail') return;
      failed += 1;
      expect(by(plan)).not.toBe('pass');
    }),
    { numRuns: 3_000, seed: 11 },
  );

  expect(accepted).toBeGreaterThan(100);
  expect(failed).toBeGreaterThan(50);
});
