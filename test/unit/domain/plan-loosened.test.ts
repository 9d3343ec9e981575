import type { ComparedMetric, Plan } from '../../../src/domain/plan';
import { P95_LATENCY } from '../../../src/domain/plan-defaults';
import { loosenedBy } from '../../../src/domain/plan-loosened';

const REQUIRED = { ...P95_LATENCY, required: true };
const QUEUE: ComparedMetric = {
  name: 'queue',
  query: 'max(queue{d="{{version}}"})',
  worseWhen: 'higher',
  minEffect: 0.1,
};
const guardrails = { maxErrorRatio: 0.01, maxP95Ms: 500, minRequests: 10 };
const undecided = { maxExtensions: 1, then: 'fail' } as const;
const MINUTE = 60_000;
const step = (percent: number, windowMs = 5 * MINUTE) => ({ percent, windowMs });

const STANDARD: Plan = {
  apiVersion: 'plura.reg/plan/v1',
  canary: { steps: [step(5), step(25), step(100)], checkpointMs: 15_000, guardrails },
  observation: {
    candidatePercent: 10,
    windowMs: 15 * MINUTE,
    checkpointMs: 30_000,
    guardrails,
    traffic: 'none',
  },
  judge: {
    sampleIntervalMs: 15_000,
    minSamples: 10,
    falseAlarmRate: 0.01,
    errors: { minDifference: 0.005 },
    metrics: [REQUIRED],
    power: { detect: 0.2, maxLengthening: 3 },
    onInconclusive: undecided,
    onError: undecided,
  },
};
/** Its metric isn't required, and it asks for no power. */
const LENIENT: Plan = {
  ...STANDARD,
  judge: {
    ...STANDARD.judge,
    metrics: [P95_LATENCY],
    power: { detect: null, maxLengthening: 3 },
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
const pathsOf = (plan: Plan, standard = STANDARD): readonly string[] =>
  loosenedBy(plan, standard).map(({ path }) => path);

test.each<[string, Plan]>([
  ['the same plan', STANDARD],
  ['a step before the first', canary({ steps: [step(1, 0), ...STANDARD.canary.steps] })],
  ['a step between', canary({ steps: [step(5), step(10, 1), step(25), step(100)] })],
  ['longer windows', canary({ steps: [step(5, 600_000), step(25), step(100)] })],
  ['more looks', canary({ checkpointMs: 5_000 })],
  ['a longer observation', observation({ windowMs: 60 * MINUTE })],
  ['tighter guardrails', canary({ guardrails: { ...guardrails, maxErrorRatio: 0.001 } })],
  ['one more metric', judge({ metrics: [REQUIRED, QUEUE] })],
  ['a smaller effect that matters', judge({ metrics: [{ ...REQUIRED, minEffect: 0.01 }] })],
  ['more power', judge({ power: { detect: 0.1, maxLengthening: 2 } })],
  ['fewer extensions', judge({ onInconclusive: { maxExtensions: 0, then: 'fail' } })],
])('%s is no way around', (_name, plan) => {
  expect(pathsOf(plan)).toEqual([]);
});

test('what a standard with hold would hold may fail at once', () => {
  const held = judge({ onError: { maxExtensions: 1, then: 'hold' } });

  expect(pathsOf(STANDARD, held)).toEqual([]);
});

test('what the standard passes over may be required', () => {
  expect(pathsOf(STANDARD, LENIENT)).toEqual([]);
});

test.each<[string, Plan]>([
  ['canary.guardrails.maxErrorRatio', canary({ guardrails: { ...guardrails, maxErrorRatio: 1 } })],
  ['canary.guardrails.maxP95', canary({ guardrails: { ...guardrails, maxP95Ms: 501 } })],
  [
    'observation.guardrails.minRequests',
    observation({ guardrails: { ...guardrails, minRequests: 0 } }),
  ],
  ['canary.guardrails.minRequests', canary({ guardrails: { ...guardrails, minRequests: 1e6 } })],
  ['judge.minSamples', judge({ minSamples: 20 })],
  ['canary.steps', canary({ steps: [step(5), step(99), step(100)] })],
  ['canary.steps', canary({ steps: [step(50, 600_000), step(100)] })],
  ['canary.steps', canary({ steps: [step(4), step(25), step(100)] })],
  ['canary.steps[1].window', canary({ steps: [step(5, 600_000), step(25, 1), step(100)] })],
  ['canary.steps[3].window', canary({ steps: [step(5), step(10), step(25), step(100, 0)] })],
  ['canary.checkpoint', canary({ checkpointMs: 5 * MINUTE })],
  ['observation.checkpoint', observation({ checkpointMs: 15 * MINUTE })],
  ['observation.window', observation({ windowMs: 1 })],
  ['observation.candidatePercent', observation({ candidatePercent: 1 })],
  ['observation.candidatePercent', observation({ candidatePercent: 100 })],
  ['observation.candidatePercent', observation({ candidatePercent: 11 })],
  ['observation.traffic', observation({ traffic: 'drive' })],
  ['observation.onError.then', observation({ onError: { maxExtensions: 1, then: 'hold' } })],
  [
    'observation.onInconclusive.maxExtensions',
    observation({ onInconclusive: { maxExtensions: 2, then: 'fail' } }),
  ],
  ['judge.onInconclusive.then', judge({ onInconclusive: { maxExtensions: 1, then: 'hold' } })],
  ['judge.onError.maxExtensions', judge({ onError: { maxExtensions: 9, then: 'fail' } })],
  ['judge.errors', judge({ errors: null })],
  ['judge.errors.minDifference', judge({ errors: { minDifference: 0.006 } })],
  ['judge.metrics', judge({ metrics: [] })],
  ['judge.metrics', judge({ metrics: [{ ...REQUIRED, minEffect: 10 }] })],
  ['judge.metrics', judge({ metrics: [{ ...REQUIRED, worseWhen: 'different' }] })],
  ['judge.metrics', judge({ metrics: [{ ...REQUIRED, query: 'vector(1) # {{version}}' }] })],
  ['judge.metrics', judge({ metrics: [{ ...REQUIRED, required: false }] })],
  ['judge.minSamples', judge({ minSamples: 1 })],
  ['judge.falseAlarmRate', judge({ falseAlarmRate: 0.0001 })],
  ['judge.falseAlarmRate', judge({ falseAlarmRate: 0.02 })],
  ['judge.sampleInterval', judge({ sampleIntervalMs: 60_000 })],
  ['judge.sampleInterval', judge({ sampleIntervalMs: 100 })],
  ['judge.power.detect', judge({ power: { detect: null, maxLengthening: 3 } })],
  ['judge.power.detect', judge({ power: { detect: 0.5, maxLengthening: 3 } })],
  ['judge.power.maxLengthening', judge({ power: { detect: 0.2, maxLengthening: 20 } })],
])('%s is easier than the standard', (path, plan) => {
  expect(pathsOf(plan)).toContain(path);
});

test('says what is easier, in the units of a file', () => {
  const plan = canary({ checkpointMs: 60_000, steps: [step(25, 60_000), step(100)] });

  expect(loosenedBy(plan, STANDARD).map(({ path, message }) => `${path}: ${message}`)).toEqual([
    'canary.steps: the step of 5 % is left out',
    'canary.steps[0].window: 1m is less than 5m',
    'canary.checkpoint: 1m is more than 15s',
  ]);
});
