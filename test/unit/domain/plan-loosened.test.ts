import type { Plan } from '../../../src/domain/plan';
import { loosenedBy } from '../../../src/domain/plan-loosened';
import { P95_LATENCY } from '../../../src/domain/plan-defaults';

const REQUIRED = { ...P95_LATENCY, required: true };
const guardrails = { maxErrorRatio: 0.01, maxP95Ms: 500, minRequests: 10 };
const undecided = { maxExtensions: 1, then: 'fail' } as const;

const STANDARD: Plan = {
  apiVersion: 'plura.reg/plan/v1',
  canary: {
    steps: [
      { percent: 5, windowMs: 300_000 },
      { percent: 100, windowMs: 300_000 },
    ],
    checkpointMs: 15_000,
    guardrails,
  },
  observation: { candidatePercent: 10, windowMs: 900_000, checkpointMs: 30_000, guardrails },
  judge: {
    sampleIntervalMs: 15_000,
    minSamples: 10,
    falseAlarmRate: 0.01,
    errors: { minDifference: 0.005 },
    metrics: [REQUIRED],
    power: { detect: null, maxLengthening: 3 },
    onInconclusive: undecided,
    onError: undecided,
  },
};

const judge = (change: Partial<Plan['judge']>): Plan => ({
  ...STANDARD,
  judge: { ...STANDARD.judge, ...change },
});
const canary = (change: Partial<Plan['canary']>): Plan => ({
  ...STANDARD,
  canary: { ...STANDARD.canary, ...change },
});
const observation = (change: Partial<Plan['observation']>): Plan => ({
  ...STANDARD,
  observation: { ...STANDARD.observation, ...change },
});
const pathsOf = (plan: Plan): readonly string[] =>
  loosenedBy(plan, STANDARD).map(({ path }) => path);

test.each<[string, Plan]>([
  ['the same plan', STANDARD],
  [
    'a smaller first step',
    canary({ steps: [{ percent: 1, windowMs: 0 }, ...STANDARD.canary.steps] }),
  ],
  ['a longer observation', observation({ windowMs: 3_600_000 })],
  ['tighter guardrails', canary({ guardrails: { ...guardrails, maxErrorRatio: 0.001 } })],
  ['one more metric', judge({ metrics: [REQUIRED, { ...REQUIRED, name: 'p99' }] })],
])('%s is no way around', (_name, plan) => {
  expect(pathsOf(plan)).toEqual([]);
});

test.each<[string, Plan]>([
  ['canary.guardrails.maxErrorRatio', canary({ guardrails: { ...guardrails, maxErrorRatio: 1 } })],
  ['canary.guardrails.maxP95', canary({ guardrails: { ...guardrails, maxP95Ms: 501 } })],
  [
    'observation.guardrails.minRequests',
    observation({ guardrails: { ...guardrails, minRequests: 0 } }),
  ],
  ['observation.window', observation({ windowMs: 1 })],
  ['observation.candidatePercent', observation({ candidatePercent: 1 })],
  [
    'canary.steps[0].percent',
    canary({
      steps: [
        { percent: 50, windowMs: 600_000 },
        { percent: 100, windowMs: 300_000 },
      ],
    }),
  ],
  [
    'canary.steps',
    canary({ steps: STANDARD.canary.steps.map(({ percent }) => ({ percent, windowMs: 1 })) }),
  ],
  ['judge.errors.minDifference', judge({ errors: null })],
  ['judge.metrics', judge({ metrics: [] })],
  ['judge.metrics', judge({ metrics: [{ ...REQUIRED, minEffect: 10 }] })],
  ['judge.metrics', judge({ metrics: [{ ...REQUIRED, query: 'vector(1) # {{version}}' }] })],
  ['judge.metrics', { ...judge({ metrics: [{ ...P95_LATENCY, required: false }] }) }],
  ['judge.minSamples', judge({ minSamples: 1 })],
  ['judge.falseAlarmRate', judge({ falseAlarmRate: 0.0001 })],
])('%s is easier than the standard', (path, plan) => {
  expect(pathsOf(plan)).toContain(path);
});
