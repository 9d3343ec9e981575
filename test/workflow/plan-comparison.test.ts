import { readEvidence } from '../../src/contract/schema/window-evidence';
import type { WindowEvidence } from '../../src/domain/evidence';
import { replayEvidence } from '../../src/domain/evidence-replay';
import { healthySample } from '../support/fakes/metrics-source';
import {
  minutesOf,
  PLAN,
  sharesGiven,
  slowed,
  STABLE,
  stepOf,
  takenBackByPlan,
  usePlanServer,
  type PlannedRelease,
} from '../support/plan-release';

jest.setTimeout(60_000);

interface Window {
  readonly gate: string;
  readonly subject: string;
  readonly evidence: WindowEvidence;
}

function windowsOf({ deps }: PlannedRelease): readonly Window[] {
  return deps.ledger.verdicts.flatMap(({ verdict: { gate, subject, evidence } }) => {
    const read = readEvidence(JSON.parse(JSON.stringify(evidence)));
    return read.kind === 'window' ? [{ gate, subject, evidence: read.evidence }] : [];
  });
}

describe('a release by its plan', () => {
  const server = usePlanServer();

  it('passes when the candidate is like stable, and what it leaves says so again', async () => {
    const release = await server.start('equal', { series: slowed(1) });

    const { result, status } = await release.end();

    expect(result).toMatchObject({ outcome: 'released' });
    expect(sharesGiven(release)).toEqual([25, 100, 10]);
    expect(minutesOf(status, 'canary 25 %')).toBeCloseTo(5, 1);
    const windows = windowsOf(release);
    expect(windows.length).toBeGreaterThan(10);
    const replays = windows.map(({ evidence }) => replayEvidence(evidence));
    expect(replays.filter(({ same }) => !same)).toEqual([]);
  });

  it('is compared with stable in canary and observation, and with nothing at 100 %', async () => {
    const release = await server.start('alone', { series: slowed(1) });

    await release.end();

    const compared = windowsOf(release).map(({ gate, subject, evidence }) =>
      [gate, subject, evidence.digests.stable ?? 'nothing'].join(' '),
    );
    expect([...new Set(compared)]).toEqual([
      `canary 25 % ${STABLE}`,
      'canary 100 % nothing',
      `observation 10 % ${STABLE}`,
    ]);
  });

  it('is told what difference of errors its window can show where nothing else is compared', async () => {
    const release = await server.start('errors-only', {
      given: { ...PLAN, judge: { ...PLAN.judge, metrics: [] } },
    });

    const { result, status } = await release.end();

    expect(result.outcome).toBe('released');
    const power = status.verdicts.filter(({ subject }) => subject.endsWith(', power'));
    expect(power.map(({ subject, evidence }) => [subject, evidence])).toEqual([
      ['25 %, power', expect.objectContaining({ errorDifference: expect.any(Number) as number })],
      ['10 %, power', expect.objectContaining({ errorDifference: expect.any(Number) as number })],
    ]);
  });

  it.each([
    ['slower than stable', { series: slowed(1.3) }, /p95 latency/],
    [
      'more often in error than stable',
      {
        series: slowed(1),
        metrics: ({ digest }: { readonly digest: string }) =>
          healthySample({ requests: 20_000, errors: digest === STABLE ? 2 : 180 }),
      },
      /canary 25 %.*(error|failed)/,
    ],
  ])(
    'is taken back from the canary when it is %s, though within guardrails',
    async (_, options, why) => {
      const svc = `worse-${why.source.length}`;
      const release = await server.start(svc, options);

      const { result, status } = await release.end();

      expect(result.outcome).toBe('rejected');
      expect(result.reason).toMatch(why);
      expect(sharesGiven(release)).toEqual([25]);
      expect(minutesOf(status, 'canary 25 %')).toBeLessThanOrEqual(5.1);
      expect(await takenBackByPlan(release)).toBe(true);
      expect(stepOf(status, 'stg:stable')).toBeUndefined();
      const [last] = windowsOf(release).slice(-1);
      expect(last?.evidence.answer.outcome).toBe('fail');
    },
  );

  it('is taken back from prod when it is slower there only', async () => {
    const release = await server.start('worse-in-prod', {
      series: (query, count) => slowed(query.query.includes('env="prod"') ? 1.3 : 1)(query, count),
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('rejected');
    expect(result.reason).toContain('observation 10 %');
    expect(await takenBackByPlan(release)).toBe(true);
  });

  it('goes by guardrails alone when it is the first: nothing is compared or asked of stable', async () => {
    const release = await server.start('first', { isFirst: true, series: slowed(9) });

    const { result, status } = await release.end();

    expect(result.outcome).toBe('released');
    const windows = windowsOf(release);
    expect(windows.length).toBeGreaterThan(0);
    expect(windows.filter(({ evidence }) => evidence.digests.stable !== null)).toEqual([]);
    expect(release.deps.metrics.calls.map(({ method }) => method)).not.toContain('sampleSeries');
    expect(status.verdicts.filter(({ subject }) => subject.includes('power'))).toEqual([]);
  });

  it('raises no share while nothing can be measured, and goes on once it can', async () => {
    const release = await server.start('blind', {
      series: slowed(1),
      arrange: ({ metrics }) => {
        metrics.fail('METRICS_UNAVAILABLE', 3, 'sampleSeries');
      },
    });

    const { result } = await release.end();

    expect(result.outcome).toBe('released');
    expect(sharesGiven(release)).toEqual([25, 100, 10]);
  });

  it('raises no share on samples that are missing: it is taken back as not judged', async () => {
    const release = await server.start('empty', {
      series: () => [],
      given: {
        canary: { steps: [{ percent: 25, windowMs: 300_000 }], checkpointMs: 60_000 },
        judge: {
          metrics: [
            { name: 'latency', query: 'x{v="{{version}}"}', worseWhen: 'higher', minEffect: 0.05 },
          ],
        },
      },
    });

    const { result } = await release.end();

    expect(result.outcome).not.toBe('released');
    expect(sharesGiven(release)).toEqual([25]);
    expect(await takenBackByPlan(release)).toBe(true);
  });
});
