import { ApplicationFailure } from '@temporalio/common';
import { withFailures } from '../../../activities/failures';
import { createWindowActivities, type MeasureWindowInput } from '../../../activities/window';
import { kubernetesMetricNames } from '../../../src/adapters/kubernetes/metric-names';
import { readEvidence } from '../../../src/contract/schema/window-evidence';
import type { WindowEvidence } from '../../../src/domain/evidence';
import { replayEvidence } from '../../../src/domain/evidence-replay';
import { P95_LATENCY } from '../../../src/domain/plan-defaults';
import type { Json, Verdict } from '../../../src/domain/verdict';
import type { SeriesQuery, WindowQuery } from '../../../src/ports/metrics-source';
import { quietEnvironment } from '../../support/activity-env';
import { createFakeDeps, type FakeDeps, type FakeDepsOptions } from '../../support/fake-deps';
import { healthySample, type SeriesScript } from '../../support/fakes/metrics-source';
import {
  CANDIDATE,
  JUDGE,
  LATENCY,
  latencies,
  STABLE,
  WINDOW_MS,
} from '../../support/window-evidence';

const FROM = '2026-03-01T11:00:00.000Z';
const TO = new Date(Date.parse(FROM) + WINDOW_MS).toISOString();

const INPUT: MeasureWindowInput = {
  release: { releaseId: 'shop/1.0.0_abcdef1', svc: 'shop', policyHash: 'sha256:policy' },
  gate: 'canary',
  subject: '25 %',
  env: 'stg',
  digest: CANDIDATE,
  from: FROM,
  to: TO,
  windowMs: WINDOW_MS,
  guardrails: { maxErrorRatio: 0.01, maxP95Ms: 500, minRequests: 50 },
  comparison: { judge: JUDGE, stable: STABLE },
};

/** The candidate at so many times the latency of stable. */
function slowed(times: number): SeriesScript {
  return ({ query }, count) => {
    const isCandidate = query.includes(CANDIDATE);
    const values = latencies(isCandidate ? 0.1 * times : 0.1, isCandidate ? 1 : 2);
    return [values.slice(0, count)];
  };
}

interface Measured {
  readonly verdict: Verdict;
  readonly deps: FakeDeps;
  /** As the ledger has it. */
  readonly recorded: Json;
}

async function measure(
  options: FakeDepsOptions,
  over: Partial<MeasureWindowInput> = {},
): Promise<Measured> {
  const deps = await createFakeDeps(options);
  const measureWindow = (one: MeasureWindowInput): Promise<Verdict> =>
    createWindowActivities(deps).measureWindow(one);
  const input: MeasureWindowInput = { ...INPUT, ...over };
  const verdict: Verdict = await quietEnvironment().run(measureWindow, input);
  const recorded = deps.ledger.verdicts[0]?.verdict.evidence ?? null;
  return { verdict, deps, recorded: JSON.parse(JSON.stringify(recorded)) as Json };
}

function evidenceOf({ recorded }: Measured): WindowEvidence {
  const read = readEvidence(recorded);
  if (read.kind !== 'window') throw new Error(`no evidence of a window: ${JSON.stringify(read)}`);
  return read.evidence;
}

describe('measureWindow with a comparison', () => {
  it('passes a candidate like stable, and its evidence says the same again when replayed', async () => {
    const measured = await measure({ series: slowed(1) });

    expect(measured.verdict).toMatchObject({ gate: 'canary', subject: '25 %', outcome: 'pass' });
    const evidence = evidenceOf(measured);
    expect(evidence).toMatchObject({
      policyHash: 'sha256:policy',
      from: FROM,
      to: TO,
      digests: { candidate: CANDIDATE, stable: STABLE },
      input: { look: 1 },
    });
    expect(replayEvidence(evidence)).toEqual({ same: true, differences: [] });
  });

  it('fails one that is slower, within the guardrails, and names the metric', async () => {
    const measured = await measure({ series: slowed(1.3) });

    expect(measured.verdict.outcome).toBe('fail');
    expect(measured.verdict.reasons.join()).toContain(LATENCY.name);
    expect(replayEvidence(evidenceOf(measured)).same).toBe(true);
  });

  it('fails one with more errors than stable, within the guardrails', async () => {
    const measured = await measure({
      series: slowed(1),
      metrics: ({ digest }) =>
        healthySample({ requests: 20_000, errors: digest === CANDIDATE ? 180 : 2 }),
    });

    expect(measured.verdict.outcome).toBe('fail');
    expect(evidenceOf(measured).answer.metrics).toContainEqual(
      expect.objectContaining({ metric: 'errors', outcome: 'fail' }),
    );
  });

  it('asks for both tracks over the same range, each by its digest', async () => {
    const sampled: WindowQuery[] = [];
    const { deps, ...measured } = await measure({
      series: slowed(1),
      metrics: (query) => {
        sampled.push(query);
        return healthySample();
      },
    });

    expect(sampled.map(({ digest, from, to }) => [digest, from, to])).toEqual([
      [CANDIDATE, FROM, TO],
      [STABLE, FROM, TO],
    ]);
    const series = deps.metrics.calls.filter(({ method }) => method === 'sampleSeries');
    const asked = { from: FROM, to: TO, stepMs: JUDGE.sampleIntervalMs };
    expect(series.map(({ args }) => args[0])).toEqual([
      { ...asked, query: `latency{version="${CANDIDATE}"}` },
      { ...asked, query: `latency{version="${STABLE}"}` },
    ]);
    expect(evidenceOf({ deps, ...measured }).queries).toEqual([
      { metric: LATENCY.name, track: 'candidate', expr: `latency{version="${CANDIDATE}"}` },
      { metric: LATENCY.name, track: 'stable', expr: `latency{version="${STABLE}"}` },
    ]);
  });

  it('keeps since when a track was counted, where that is not from the start', async () => {
    const countedFrom = new Date(Date.parse(FROM) + 60_000).toISOString();
    const measured = await measure({
      series: slowed(1),
      metrics: ({ digest }) => healthySample(digest === STABLE ? { countedFrom } : {}),
    });

    expect(evidenceOf(measured).countedFrom).toEqual({ stable: countedFrom });
  });

  it('knows how much of the window has passed, and never more than all of it', async () => {
    const third = new Date(Date.parse(FROM) + WINDOW_MS / 3).toISOString();
    const late = new Date(Date.parse(FROM) + 2 * WINDOW_MS).toISOString();

    const early = evidenceOf(await measure({ series: slowed(1) }, { to: third }));
    const extended = evidenceOf(await measure({}, { to: late }));

    expect(early.input.look).toBeCloseTo(1 / 3);
    expect(extended.input.look).toBe(1);
  });

  it('keeps NaN and gaps as they came', async () => {
    const script: SeriesScript = (query, count) => {
      const [values = []] = slowed(1)(query, count);
      return [[NaN, null, Infinity, ...values.slice(3)]];
    };
    const measured = await measure({ series: script });

    const evidence = evidenceOf(measured);
    const { values } = evidence.input.candidate.series[LATENCY.name]!;
    expect(values.slice(0, 3)).toEqual([NaN, null, Infinity]);
    expect(replayEvidence(evidence)).toEqual({ same: true, differences: [] });
  });

  it('asks for ranges of two scrapes at least, as often as before', async () => {
    const deps = { ...(await createFakeDeps({ series: slowed(1) })), scrapeIntervalMs: 15_000 };
    const judge = { ...JUDGE, metrics: [P95_LATENCY] };
    const input = { ...INPUT, comparison: { judge, stable: STABLE } };

    await quietEnvironment().run(
      (one: MeasureWindowInput) => createWindowActivities(deps).measureWindow(one),
      input,
    );

    const asked = deps.metrics.calls
      .filter(({ method }) => method === 'sampleSeries')
      .map(({ args }) => args[0] as SeriesQuery);
    expect(asked).toHaveLength(2);
    for (const { query, stepMs } of asked) {
      expect(query).toContain('[30s]');
      expect(stepMs).toBe(JUDGE.sampleIntervalMs);
    }
  });

  it('keeps the hash of the plan beside that of the policy, where there is one', async () => {
    const release = { ...INPUT.release, planHash: 'sha256:plan' };

    const planned = evidenceOf(await measure({ series: slowed(1) }, { release }));
    const before = evidenceOf(await measure({ series: slowed(1) }));

    expect(planned).toMatchObject({ policyHash: 'sha256:policy', planHash: 'sha256:plan' });
    expect(before).not.toHaveProperty('planHash');
  });

  it.each([
    [1, 0, 1],
    [1.2, 0, 1],
    [1.5, 1, 1.5],
    [2.3, 1, 2],
  ])(
    '%d windows after the start, extended %d times, is look %d',
    async (passed, extensions, look) => {
      const to = new Date(Date.parse(FROM) + passed * WINDOW_MS).toISOString();
      const comparison = { judge: JUDGE, stable: STABLE, extensions };

      const measured = await measure({ series: slowed(1) }, { to, comparison });

      expect(evidenceOf(measured).input.look).toBeCloseTo(look, 9);
    },
  );

  it('goes by guardrails alone, and says so, where stable took no requests', async () => {
    const idle = healthySample({ requests: 0, p95Ms: null });
    const measured = await measure({
      metrics: ({ digest }) => (digest === STABLE ? idle : healthySample()),
      series: ({ query }, count) => [
        new Array<number>(count).fill(query.includes(STABLE) ? NaN : 0.1),
      ],
    });

    expect(measured.verdict).toMatchObject({
      outcome: 'pass',
      reasons: ['not compared: stable took no requests, so guardrails alone decide'],
    });
  });

  it('can not measure where stable has to take requests and shows none; its evidence says so again', async () => {
    const comparison = { judge: JUDGE, stable: STABLE, share: 25 };
    const idle = healthySample({ requests: 0, p95Ms: null });

    const measured = await measure(
      { metrics: ({ digest }) => (digest === STABLE ? idle : healthySample()) },
      { comparison },
    );

    expect(measured.verdict).toMatchObject({
      outcome: 'error',
      reasons: [expect.stringContaining('stable has to take 75 % of the traffic and shows none')],
    });
    const evidence = evidenceOf(measured);
    expect(evidence.input.share).toBe(25);
    expect(replayEvidence(evidence).same).toBe(true);
  });

  it.each([
    ['all the traffic beside a stable', false, '1'],
    ['nothing stable at all', true, '0'],
  ])('looks for a candidate with %s at its place in the route', async (_name, alone, position) => {
    const sampled: WindowQuery[] = [];
    const comparison = { judge: JUDGE, stable: null, alone, share: 100 };

    await measure(
      {
        metrics: (query) => {
          sampled.push(query);
          return healthySample();
        },
      },
      { comparison },
    );

    const namespaces = { dev: 'dev', stg: 'stg', prod: 'prod' };
    expect(sampled.map((one) => kubernetesMetricNames({ namespaces }, one).position)).toEqual([
      position,
    ]);
  });

  it('does not pass what has no samples', async () => {
    const measured = await measure({ series: () => [] });

    expect(['inconclusive', 'error']).toContain(measured.verdict.outcome);
    expect(replayEvidence(evidenceOf(measured)).same).toBe(true);
  });

  it('compares nothing where nothing is stable: no series is looked at, the guardrails decide', async () => {
    const comparison = { judge: JUDGE, stable: null };
    const good = await measure({ series: slowed(9) }, { comparison });
    const bad = await measure({ metrics: () => healthySample({ errors: 900 }) }, { comparison });

    expect([good.verdict.outcome, bad.verdict.outcome]).toEqual(['pass', 'fail']);
    expect(good.deps.metrics.calls.map(({ method }) => method)).toEqual(['sampleWindow']);
    const evidence = evidenceOf(good);
    expect(evidence.input.stable).toBeNull();
    expect(evidence.digests.stable).toBeNull();
    expect(replayEvidence(evidence).same).toBe(true);
  });

  it.each(['sampleWindow', 'sampleSeries'])(
    'is an error to try again, and records nothing, while %s does not answer',
    async (method) => {
      const deps = await createFakeDeps({ series: slowed(1) });
      deps.metrics.fail('METRICS_UNAVAILABLE', 1, method);
      const activities = withFailures({ ...createWindowActivities(deps) });

      const failure = await quietEnvironment()
        .run((input: MeasureWindowInput) => activities.measureWindow(input), INPUT)
        .catch((error: unknown) => error);

      expect(failure).toBeInstanceOf(ApplicationFailure);
      expect(failure).toMatchObject({ type: 'METRICS_UNAVAILABLE', nonRetryable: false });
      expect(deps.ledger.verdicts).toEqual([]);
    },
  );

  it('gives the workflow a verdict without its samples, the ledger all of it', async () => {
    const measured = await measure({ series: slowed(1) });

    expect(measured.verdict.evidence).toEqual({ kept: 'in the ledger' });
    expect(evidenceOf(measured).input.stable?.series[LATENCY.name]?.values).toHaveLength(60);
  });
});
