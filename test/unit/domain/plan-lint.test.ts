import path from 'node:path';
import { loadPolicy } from '../../../src/config/policy-file';
import type { ComparedMetric, Plan } from '../../../src/domain/plan';
import { P95_LATENCY } from '../../../src/domain/plan-defaults';
import type { PlanFinding } from '../../../src/domain/plan-finding';
import type { GivenPlan } from '../../../src/domain/plan-given';
import { lintPlan, type LintContext } from '../../../src/domain/plan-lint';
import { smallestPValue } from '../../../src/domain/plan-samples';
import { PLAN_POLICY, planWith } from '../../support/plans';

const MINUTE = 60_000;

/** `severity path` of each finding. */
function found(plan: Plan, context: LintContext = {}): readonly string[] {
  return lintPlan(plan, context).map(({ severity, path: at }) => `${severity} ${at}`);
}

function metric(over: Partial<ComparedMetric>): ComparedMetric {
  return { ...P95_LATENCY, ...over };
}

const steps = (...windowsMs: readonly number[]): GivenPlan => ({
  canary: {
    steps: windowsMs.map((windowMs, index) => ({
      percent: index === windowsMs.length - 1 ? 100 : index + 1,
      windowMs,
    })),
  },
});

describe('the lint of a plan', () => {
  it('finds nothing in what the standard policy gives', () => {
    const file = path.resolve(__dirname, '../../../deploy/policy/default.yaml');
    const { policy } = loadPolicy(file);

    const context = { policy, requestsPerSecond: 1, scrapeIntervalMs: 15_000 };
    expect(lintPlan(planWith({}, policy), context)).toEqual([]);
  });

  it('warns of the policy of the demo only that its windows are too short for a series', () => {
    const file = path.resolve(__dirname, '../../../deploy/policy/demo.yaml');
    const { policy } = loadPolicy(file);

    expect(found(planWith({}, policy), { policy, requestsPerSecond: 40 })).toEqual([
      'warning judge.metrics',
    ]);
  });

  it.each<[string, GivenPlan, string]>([
    [
      'steps that fall',
      { canary: { steps: [{ percent: 50 }, { percent: 5 }, { percent: 100 }] } },
      'error canary.steps',
    ],
    ['steps that end early', { canary: { steps: [{ percent: 50 }] } }, 'error canary.steps'],
    [
      'a checkpoint longer than the window',
      { canary: { checkpointMs: 6 * MINUTE } },
      'error canary.checkpoint',
    ],
    [
      'a window of one checkpoint',
      { observation: { checkpointMs: 8 * MINUTE } },
      'warning observation.checkpoint',
    ],
    ['a window of 0s', steps(0, 5 * MINUTE), 'warning canary.steps[0].window'],
    [
      'a window that never gives enough samples',
      { ...steps(MINUTE, 5 * MINUTE), judge: { metrics: [P95_LATENCY], minSamples: 50 } },
      'error canary.steps[0].window',
    ],
    [
      'a window that gives enough only when it is lengthened',
      {
        ...steps(MINUTE, 5 * MINUTE),
        judge: { metrics: [P95_LATENCY], sampleIntervalMs: 15_000, minSamples: 10 },
      },
      'warning canary.steps[0].window',
    ],
    [
      'more samples than are read',
      { ...steps(5 * MINUTE, 5 * MINUTE), judge: { sampleIntervalMs: 50 } },
      'error canary.steps[0].window',
    ],
    [
      'minRequests that take a lot of traffic',
      { canary: { guardrails: { minRequests: 100_000 } } },
      'warning canary.guardrails.minRequests',
    ],
    [
      'a sample interval of more than a quarter of a window',
      { ...steps(30_000), judge: { sampleIntervalMs: 15_000, metrics: [P95_LATENCY] } },
      'warning judge.sampleInterval',
    ],
    [
      'rare samples in prod',
      { judge: { sampleIntervalMs: 20_000, minSamples: 10 } },
      'error judge.sampleInterval',
    ],
    [
      'rare samples in prod, and few',
      { judge: { sampleIntervalMs: 2 * MINUTE, minSamples: 2, metrics: [P95_LATENCY] } },
      'error judge.sampleInterval',
    ],
    [
      'rare samples where prod is not compared',
      { observation: { windowMs: 0 }, judge: { sampleIntervalMs: 20_000, minSamples: 10 } },
      'warning judge.sampleInterval',
    ],
    ['many false alarms', { judge: { falseAlarmRate: 0.1 } }, 'warning judge.falseAlarmRate'],
    ['no false alarms', { judge: { falseAlarmRate: 1e-5 } }, 'warning judge.falseAlarmRate'],
    ['minSamples that show nothing', { judge: { minSamples: 4 } }, 'warning judge.minSamples'],
    [
      'detection without a metric',
      { judge: { metrics: [], power: { detect: 0.2 } } },
      'error judge.power.detect',
    ],
    [
      'detection of what passes anyway',
      { judge: { power: { detect: 0.03 } } },
      'error judge.power.detect',
    ],
    [
      'a difference of errors that the guardrail stops',
      { judge: { errors: { minDifference: 0.02 } } },
      'warning judge.errors.minDifference',
    ],
    ['nothing compared', { judge: { metrics: [], errors: null } }, 'warning judge.metrics'],
    [
      'a query of all environments',
      { judge: { metrics: [metric({ query: 'max(a{d="{{version}}"})' })] } },
      'warning judge.metrics[0].query',
    ],
    [
      'a query of a fixed range',
      { judge: { metrics: [metric({ query: 'rate(a{e="{{env}}",d="{{version}}"}[5m])' })] } },
      'warning judge.metrics[0].query',
    ],
  ])('finds %s', (_name, given, finding) => {
    expect(found(planWith(given))).toContain(finding);
  });

  it('asks no samples of a step that takes all the traffic', () => {
    const short = planWith({ ...steps(5 * MINUTE, 4_000), judge: { metrics: [metric({})] } });

    expect(found(short)).not.toContainEqual(expect.stringContaining('canary.steps[1].window'));
  });

  it('calls minSamples an error where no window gives enough to tell', () => {
    const judge = { metrics: [P95_LATENCY], minSamples: 3, sampleIntervalMs: MINUTE };
    const short = steps(3 * MINUTE);

    expect(found(planWith({ ...short, observation: { windowMs: 3 * MINUTE }, judge }))).toContain(
      'error judge.minSamples',
    );
  });

  it.each([
    [1, []],
    [0.5, ['warning canary.guardrails.minRequests']],
    [0.15, ['error canary.guardrails.minRequests']],
  ])('tells by %d requests a second whether the windows see enough', (requestsPerSecond, all) => {
    expect(found(planWith(), { requestsPerSecond })).toEqual(all);
  });

  it.each<[string, GivenPlan, string]>([
    [
      'more errors',
      { canary: { guardrails: { maxErrorRatio: 0.5 } } },
      'canary.guardrails.maxErrorRatio',
    ],
    [
      'more latency',
      { observation: { guardrails: { maxP95Ms: 900 } } },
      'observation.guardrails.maxP95',
    ],
    [
      'fewer requests',
      { canary: { guardrails: { minRequests: 1 } } },
      'canary.guardrails.minRequests',
    ],
    ['more traffic at once', { canary: { steps: [{ percent: 100 }] } }, 'canary.steps[0].percent'],
    ['shorter windows', { observation: { windowMs: 5 * MINUTE } }, 'observation.window'],
    ['more time than a release has', { judge: { onError: { maxExtensions: 40 } } }, 'canary.steps'],
  ])('warns of %s than the policy, where that is known', (_name, given, at) => {
    const plan = planWith(given);

    expect(found(plan, { policy: PLAN_POLICY })).toContain(`warning ${at}`);
    expect(found(plan)).not.toContain(`warning ${at}`);
  });

  it('refuses windows that last longer than a release even when all pass', () => {
    const plan = planWith(steps(24 * 60 * MINUTE));

    expect(found(plan, { policy: PLAN_POLICY })).toContain('error canary.steps');
  });

  it.each([
    ['as rare as samples', 15_000, {}, []],
    ['rarer than samples', 15_001, {}, ['error judge.sampleInterval']],
    ['rarer, where no series is compared', 30_000, { judge: { metrics: [] } }, []],
    ['not known', undefined, {}, []],
  ] as const)('looks at scrapes that are %s', (_name, scrapeIntervalMs, given, findings) => {
    const context = scrapeIntervalMs === undefined ? {} : { scrapeIntervalMs };

    const all = found(planWith(given), context);

    expect(all.filter((one) => one.includes('sampleInterval'))).toEqual(findings);
  });

  it('leaves scrapes alone where the candidate has all the traffic', () => {
    const canary = { steps: [{ percent: 100 }] };
    const judge = { metrics: [P95_LATENCY] };
    const plan = planWith({ canary, observation: { windowMs: 0 }, judge });

    expect(found(plan, { scrapeIntervalMs: 30_000 })).not.toContain('error judge.sampleInterval');
  });

  it.each([
    [10_000, 15_000, 'at least 15s; or let Prometheus scrape every 10s'],
    [15_000, 30_000, 'let Prometheus scrape every 15s or more often, and say so in PLURA_SCRAPE'],
  ])('has a remedy for samples each %d ms of scrapes each %d ms', (sample, scrape, remedy) => {
    const plan = planWith({ judge: { sampleIntervalMs: sample } });

    const [finding] = lintPlan(plan, { scrapeIntervalMs: scrape });

    expect(finding?.remedy).toContain(remedy);
  });

  it('says of each finding what to do', () => {
    const findings: readonly PlanFinding[] = lintPlan(
      planWith({ canary: { checkpointMs: 6 * MINUTE }, judge: { minSamples: 3 } }),
    );

    expect(findings.map(({ message, remedy }) => `${message}; ${remedy}`)).toEqual([
      '6m is longer than the window of 5m; at most 150s',
      '3 samples a side show no difference at a false alarm rate of 1 % over 2 tests, whatever they are; at least 6',
    ]);
  });
});

describe('the smallest p-value of a rank test', () => {
  it.each([
    [1, 1, 1 / 2],
    [3, 2, 2 / 20],
    [5, 2, 2 / 252],
    [10, 1, 1 / 184_756],
  ] as const)('of %d samples a side, %d-sided, is %d', (samples, sides, p) => {
    expect(smallestPValue(samples, sides)).toBeCloseTo(p, 12);
  });
});
