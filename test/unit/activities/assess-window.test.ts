import { ApplicationFailure } from '@temporalio/common';
import {
  createAssessWindowActivities,
  type AssessedWindow,
  type AssessWindowInput,
} from '../../../activities/assess-window';
import { withFailures } from '../../../activities/failures';
import type { JudgePlan } from '../../../src/domain/plan';
import { quietEnvironment } from '../../support/activity-env';
import { createFakeDeps, type FakeDeps, type FakeDepsOptions } from '../../support/fake-deps';
import { nothingSeen, type SeriesScript } from '../../support/fakes/metrics-source';
import { JUDGE, LATENCY, latencies, STABLE, WINDOW_MS } from '../../support/window-evidence';

const BEFORE = '2026-03-01T12:00:00.000Z';

const INPUT: AssessWindowInput = {
  release: { releaseId: 'shop/1.0.0_abcdef1', svc: 'shop', policyHash: 'sha256:policy' },
  gate: 'canary',
  subject: '25 %',
  env: 'stg',
  stable: STABLE,
  judge: JUDGE,
  percent: 25,
  windowMs: WINDOW_MS,
  before: BEFORE,
};

const steady: SeriesScript = (_query, count) => [latencies(0.1, 1).slice(0, count)];
/** Between a tenth of its usual value and twice it. */
const wild: SeriesScript = (_query, count) => [
  Array.from({ length: count }, (_, n) => 0.01 + (((n + 1) * 7919) % 1_000) / 5_000),
];

async function assess(
  options: FakeDepsOptions,
  judge: Partial<JudgePlan> = {},
  over: Partial<AssessWindowInput> = {},
): Promise<AssessedWindow & { readonly deps: FakeDeps }> {
  const deps = await createFakeDeps(options);
  const input = { ...INPUT, judge: { ...JUDGE, ...judge }, ...over };
  const assessed: AssessedWindow = await quietEnvironment().run(
    (one: AssessWindowInput) => createAssessWindowActivities(deps).assessWindow(one),
    input,
  );
  return { verdict: assessed.verdict, windowMs: assessed.windowMs, deps };
}

describe('assessWindow', () => {
  it('keeps a window that can show what is asked, and says what that is', async () => {
    const { verdict, windowMs, deps } = await assess(
      { series: steady },
      { power: { detect: 0.2, maxLengthening: 3 } },
    );

    expect(windowMs).toBe(WINDOW_MS);
    expect(verdict).toMatchObject({
      gate: 'canary',
      subject: '25 %, power',
      outcome: 'pass',
      reasons: [],
      evidence: { decision: 'keep', windowMs: WINDOW_MS, power: 0.8 },
    });
    const { detectable } = verdict.evidence as { detectable: Record<string, number> };
    expect(detectable[LATENCY.name]).toBeGreaterThan(0);
    expect(detectable[LATENCY.name]).toBeLessThanOrEqual(0.2);
    expect(deps.ledger.verdicts.map((one) => one.verdict)).toEqual([verdict]);
  });

  it('looks at stable over as long a time before', async () => {
    const { deps } = await assess({ series: steady });

    const from = new Date(Date.parse(BEFORE) - WINDOW_MS).toISOString();
    expect(deps.metrics.calls.map(({ method, args }) => [method, args[0]])).toEqual([
      [
        'sampleWindow',
        { svc: 'shop', env: 'stg', digest: STABLE, track: 'stable', from, to: BEFORE },
      ],
      [
        'sampleSeries',
        {
          query: `latency{version="${STABLE}"}`,
          from,
          to: BEFORE,
          stepMs: JUDGE.sampleIntervalMs,
        },
      ],
    ]);
  });

  it('lengthens a window of too few samples to what is needed, in whole samples', async () => {
    const { verdict, windowMs } = await assess(
      { series: steady },
      { minSamples: 90, power: { detect: null, maxLengthening: 2 } },
    );

    expect(windowMs).toBe(90 * JUDGE.sampleIntervalMs);
    expect(verdict.outcome).toBe('pass');
    expect(verdict.reasons.join()).toContain('90 samples');
  });

  it('lengthens a window for a regression that it is too short to show', async () => {
    const { verdict, windowMs } = await assess(
      { series: wild },
      { power: { detect: 0.3, maxLengthening: 20 } },
    );

    expect(windowMs).toBeGreaterThan(WINDOW_MS);
    expect(windowMs).toBeLessThanOrEqual(20 * WINDOW_MS);
    expect(windowMs % JUDGE.sampleIntervalMs).toBe(0);
    expect(verdict).toMatchObject({
      outcome: 'pass',
      evidence: { decision: 'lengthen', windowMs },
    });
  });

  it('refuses one that no length allowed makes long enough', async () => {
    const { verdict, windowMs } = await assess(
      { series: wild },
      { power: { detect: 0.05, maxLengthening: 1 } },
    );

    expect(windowMs).toBe(WINDOW_MS);
    expect(verdict).toMatchObject({ outcome: 'inconclusive', evidence: { decision: 'refuse' } });
    expect(verdict.reasons.join()).toContain(LATENCY.name);
  });

  it('does not refuse a service of which nothing was seen yet', async () => {
    const { verdict } = await assess(
      { series: () => [] },
      { power: { detect: 0.2, maxLengthening: 3 } },
    );

    expect(verdict).toMatchObject({
      outcome: 'pass',
      evidence: { decision: 'keep', detectable: { [LATENCY.name]: 'not known yet' } },
    });
    expect(verdict.reasons.join()).toContain('not known yet');
  });

  it('keeps the window of a service that had no traffic yet, and says what was not seen', async () => {
    const { verdict, windowMs } = await assess({ metrics: nothingSeen, series: () => [] });

    expect(windowMs).toBe(WINDOW_MS);
    expect(verdict).toMatchObject({
      outcome: 'pass',
      evidence: { decision: 'keep', errorDifference: null },
    });
    expect(verdict.reasons).toEqual([
      expect.stringMatching(/^nothing of stable was seen from 2026-\S+ to 2026-\S+$/),
    ]);
  });

  it('can say what difference of error ratios shows, less of it the smaller the share', async () => {
    const [half, tenth] = await Promise.all(
      [50, 10].map(async (percent) => {
        const { verdict } = await assess({ series: steady }, {}, { percent });
        return (verdict.evidence as { errorDifference: number }).errorDifference;
      }),
    );

    expect(half).toBeGreaterThan(0);
    expect(tenth).toBeGreaterThan(half!);
  });

  it('is an error to try again while nothing can be measured', async () => {
    const deps = await createFakeDeps({ series: steady });
    deps.metrics.fail('METRICS_UNAVAILABLE', 1, 'sampleSeries');
    const activities = withFailures({ ...createAssessWindowActivities(deps) });

    const failure = await quietEnvironment()
      .run((input: AssessWindowInput) => activities.assessWindow(input), INPUT)
      .catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'METRICS_UNAVAILABLE', nonRetryable: false });
    expect(deps.ledger.verdicts).toEqual([]);
  });
});
