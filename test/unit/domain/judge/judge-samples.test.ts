import fc from 'fast-check';
import type { WindowMeasurement } from '../../../../src/domain/guardrails';
import { judgeSamples } from '../../../../src/domain/judge/judge-samples';
import type {
  TrackSamples,
  WindowAnswer,
  WindowInput,
} from '../../../../src/domain/judge/window-input';
import type { WorseWhen } from '../../../../src/domain/plan';
import { constant, noise, times, type Values } from '../../../support/judge/draws';
import { seededRandom } from '../../../support/judge/random';
import { drawWindow, GUARDRAILS, JUDGE, LATENCY } from '../../../support/judge/windows';

const measurement = { requests: 5_000, errors: 5, p95Ms: 100, freshnessMs: 1_000 };

function track(values: Values): TrackSamples {
  return { measurement, series: { latency: { startMs: 0, stepMs: 15_000, values } } };
}

function windowOf(candidate: Values, stable: Values, worseWhen: WorseWhen = 'higher'): WindowInput {
  return {
    judge: { ...JUDGE, minSamples: 8, metrics: [{ ...LATENCY, worseWhen }] },
    guardrails: GUARDRAILS,
    windowMs: 900_000,
    candidate: track(candidate),
    stable: track(stable),
  };
}

const values = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 8, maxLength: 70 });

/** What can come out of a query, holes and all. */
const anything = fc.array(
  fc.oneof(
    fc.constant(null),
    fc.constantFrom(NaN, Infinity, -Infinity, 0, -1, 1e300, -1e300, 5e-324),
    fc.double({ min: -1e6, max: 1e6 }),
  ),
  { maxLength: 70 },
);

const slow = drawWindow(
  {
    candidate: { series: { latency: noise({ mean: 130 }) } },
    stable: { series: { latency: noise() } },
  },
  seededRandom(2),
);

describe('judgeSamples', () => {
  it('shows the arithmetic of each comparison', () => {
    const answer = judgeSamples(slow);
    const [errors, latency] = answer.metrics;

    expect(answer.outcome).toBe('fail');
    expect(answer.reasons).toHaveLength(1);
    expect(errors).toMatchObject({
      metric: 'errors',
      outcome: 'pass',
      reason: '',
      numbers: { test: 'fisher', candidateRequests: 5_000, minDifference: 0.002 },
    });
    expect(latency).toMatchObject({
      metric: 'latency',
      outcome: 'fail',
      numbers: { test: 'mann-whitney normal', candidateSamples: 60, stableNaN: 0, basis: 'median' },
    });
    expect(latency!.numbers['p']).toBeLessThan(latency!.numbers['threshold'] as number);
    expect(latency!.numbers['relative']).toBeGreaterThan(0.2);
    expect(latency!.numbers['detectable']).toBeLessThan(0.2);
  });

  it('judges the example of docs/judge.md as told there', () => {
    const input = windowOf(
      [130, 128, 141, 125, 133, 137, 129, 135],
      [118, 104, 109, 121, 112, 126, 115, 107],
    );
    const withErrors = (track: TrackSamples, errors: number, times = 1): TrackSamples => {
      const requests = 1_000 * times;
      return { ...track, measurement: { ...measurement, requests, errors: errors * times } };
    };
    const example = (times: number): WindowInput => ({
      ...input,
      candidate: withErrors(input.candidate, 9, times),
      stable: withErrors(input.stable!, 1, times),
    });

    const answer = judgeSamples(example(1));

    expect(answer.outcome).toBe('fail');
    expect(answer.reasons).toEqual([
      "latency is 16.3 % higher than stable's, medians 132 and 114, limit 5 %, p = 0.000155",
    ]);
    expect(answer.metrics.map(({ numbers }) => [numbers['p'], numbers['threshold']])).toEqual([
      [0.0105888, 0.009],
      [0.0001554, 0.0045],
    ]);
    expect(judgeSamples(example(2)).metrics.map(({ outcome }) => outcome)).toEqual([
      'fail',
      'fail',
    ]);
  });

  it('gives the same answer again from what was stored as JSON', () => {
    const stored = JSON.parse(JSON.stringify(slow)) as WindowInput;

    expect(judgeSamples(stored)).toEqual(judgeSamples(slow));
  });

  it('gives numbers that JSON can carry, whatever came', () => {
    fc.assert(
      fc.property(anything, anything, (candidate, stable) => {
        const answer = judgeSamples(windowOf(candidate, stable));

        expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
      }),
    );
  });

  it('never fails what could not be measured', () => {
    const nothing = fc.array(fc.constantFrom(null, NaN, Infinity), { maxLength: 70 });
    fc.assert(
      fc.property(nothing, anything, (candidate, stable) => {
        expect(judgeSamples(windowOf(candidate, stable)).outcome).not.toMatch(/fail|pass/);
        expect(judgeSamples(windowOf(stable, candidate)).outcome).not.toMatch(/fail|pass/);
      }),
    );
  });

  it('never tells a version from itself', () => {
    fc.assert(
      fc.property(values, (own) => {
        expect(judgeSamples(windowOf(own, own, 'different')).outcome).not.toBe('fail');
      }),
    );
  });

  it('does not ask for the unit: milliseconds or seconds', () => {
    fc.assert(
      fc.property(values, values, (candidate, stable) => {
        const scale = (list: readonly number[]): number[] => list.map((value) => value / 1024);
        const own = judgeSamples(windowOf(candidate, stable));
        const scaled = judgeSamples(windowOf(scale(candidate), scale(stable)));

        expect(scaled.outcome).toBe(own.outcome);
        expect(scaled.metrics[1]!.numbers['p']).toEqual(own.metrics[1]!.numbers['p']);
        expect(scaled.metrics[1]!.numbers['relative']).toEqual(own.metrics[1]!.numbers['relative']);
      }),
    );
  });

  it('judges both directions alike', () => {
    fc.assert(
      fc.property(values, values, (candidate, stable) => {
        const higher = judgeSamples(windowOf(candidate, stable, 'higher')).metrics[1]!;
        const lower = judgeSamples(windowOf(stable, candidate, 'lower')).metrics[1]!;

        expect(lower.numbers['p']).toBeCloseTo(higher.numbers['p'] as number, 6);
      }),
    );
  });

  it('compares nothing until the guardrails pass', () => {
    const few = { ...slow.candidate, measurement: { ...measurement, requests: 20 } };

    expect(judgeSamples({ ...slow, candidate: few })).toEqual({
      outcome: 'inconclusive',
      reasons: ['20 requests in the window, 100 needed to judge'],
      metrics: [],
    });
  });

  it('rounds the requests that increase() has extrapolated', () => {
    const fractions = { ...measurement, requests: 4_987.3, errors: 5.2 };
    const [errors] = judgeSamples({
      ...slow,
      candidate: { ...slow.candidate, measurement: fractions },
    }).metrics;

    expect(errors!.numbers).toMatchObject({ candidateRequests: 4_987, candidateErrors: 5 });
  });

  it('finds no series under a name that every object has', () => {
    const metrics = [{ ...LATENCY, name: 'constructor' }];

    expect(judgeSamples({ ...slow, judge: { ...JUDGE, metrics } }).outcome).toBe('error');
  });

  it('names the worst first', () => {
    const metrics = [{ ...LATENCY, name: 'absent' }, LATENCY];
    const answer = judgeSamples({ ...slow, judge: { ...JUDGE, metrics } });

    expect(answer.outcome).toBe('fail');
    expect(answer.reasons).toEqual([
      expect.stringMatching(/^latency is/),
      expect.stringMatching(/^absent of the candidate could not be measured/),
    ]);
  });

  it('keeps its rate of false alarms over many looks at one window', () => {
    const random = seededRandom(21);
    const looks = [10, 20, 30, 40, 50, 60];
    const rounds = 400;
    let alarms = 0;
    for (let round = 0; round < rounds; round += 1) {
      const candidate = noise()(random);
      const stable = noise()(random);
      const alarmed = looks.some((samples) => {
        const input = windowOf(candidate.slice(0, samples), stable.slice(0, samples));
        return judgeSamples({ ...input, look: samples / 60 }).outcome === 'fail';
      });
      if (alarmed) alarms += 1;
    }

    expect(alarms / rounds).toBeLessThanOrEqual(0.01);
  });

  it('keeps it over the looks at three extensions, too', () => {
    const random = seededRandom(23);
    const looks = [30, 60, 90, 120, 180, 240];
    const rounds = 200;
    let alarms = 0;
    for (let round = 0; round < rounds; round += 1) {
      const candidate = noise({ n: 240 })(random);
      const stable = noise({ n: 240 })(random);
      const alarmed = looks.some((samples) => {
        const input = windowOf(candidate.slice(0, samples), stable.slice(0, samples));
        return judgeSamples({ ...input, look: samples / 60 }).outcome === 'fail';
      });
      if (alarmed) alarms += 1;
    }

    expect(alarms / rounds).toBeLessThanOrEqual(0.01);
  });

  it('still finds at the end of an extension what was not plain before it', () => {
    const random = seededRandom(24);
    const input = windowOf(times(noise({ n: 120 }), 1.15)(random), noise({ n: 120 })(random));

    expect(judgeSamples({ ...input, look: 2 }).outcome).toBe('fail');
  });

  it('leaves what the standard compares its part of the rate, whatever a promotion adds', () => {
    const names = ['a', 'b', 'c', 'd'];
    const metrics = [LATENCY, ...names.map((name) => ({ ...LATENCY, name }))];
    const thresholdOf = (added?: readonly string[]): unknown => {
      const judge = { ...JUDGE, metrics, ...(added && { added }) };
      const series = Object.fromEntries(
        metrics.map(({ name }) => [name, slow.candidate.series['latency']!]),
      );
      const tracks = {
        candidate: { ...slow.candidate, series },
        stable: { ...slow.stable!, series: { ...series, ...slow.stable!.series } },
      };
      const answer = judgeSamples({ ...slow, ...tracks, judge });
      return answer.metrics.find(({ metric }) => metric === 'latency')?.numbers['threshold'];
    };
    const alone = judgeSamples(slow).metrics[1]!.numbers['threshold'];

    expect(thresholdOf(names)).toEqual(alone);
    expect(thresholdOf()).toBeLessThan(alone as number);
  });

  it('has one rate over what the standard compares and what a promotion adds', () => {
    const own = noise()(seededRandom(6));
    const input = windowOf(own, own);
    const metrics = [LATENCY, { ...LATENCY, name: 'own' }];
    const judge = { ...input.judge, errors: null, metrics, added: ['own'] };
    const { latency } = input.candidate.series;
    const same = { ...input.candidate, series: { latency: latency!, own: latency! } };

    const answer = judgeSamples({ ...input, judge, candidate: same, stable: same });

    const thresholds = answer.metrics.map(({ numbers }) => numbers['threshold'] as number);
    expect(thresholds).toEqual([0.009, 0.001]);
  });

  it.each([
    [99, 0, 'inconclusive', /errors not compared: stable took 99 requests, 100 needed/],
    [100, 0, 'pass', /^$/],
    [99, 200, 'fail', /20 % of 1000 requests failed/],
  ] as const)(
    'needs as many requests of stable to compare errors: %d, with %d errors of the candidate: %s',
    (requests, errors, outcome, reason) => {
      const calm = drawWindow(
        { candidate: { series: { latency: noise() } }, stable: { series: { latency: noise() } } },
        seededRandom(4),
      );
      const counted = (own: number, failed: number): WindowMeasurement => ({
        ...measurement,
        requests: own,
        errors: failed,
      });
      const answer = judgeSamples({
        ...calm,
        guardrails: { ...GUARDRAILS, maxErrorRatio: 0.5 },
        candidate: { ...calm.candidate, measurement: counted(1_000, errors) },
        stable: { ...calm.stable!, measurement: counted(requests, 0) },
      });

      expect(answer.outcome).toBe(outcome);
      expect(answer.reasons.join('; ')).toMatch(reason);
    },
  );

  it('ends early where the difference is plain', () => {
    const random = seededRandom(22);
    const input = windowOf(times(noise({ n: 30 }), 1.6)(random), noise({ n: 30 })(random));

    expect(judgeSamples({ ...input, look: 0.5 }).outcome).toBe('fail');
  });

  it('tells constants apart by the floor', () => {
    const judged = (level: number): string =>
      judgeSamples(windowOf(constant(level)(seededRandom(1)), constant(100)(seededRandom(1))))
        .outcome;

    expect([100, 104, 105, 110].map(judged)).toEqual(['pass', 'pass', 'fail', 'fail']);
  });
});

describe('a metric that is not required', () => {
  const few = (required: boolean): WindowInput => {
    const input = windowOf(Array<number>(60).fill(NaN), Array<number>(60).fill(100));
    return { ...input, judge: { ...input.judge, metrics: [{ ...LATENCY, required }] } };
  };

  it('is passed over where it has too few samples, and a required one is inconclusive', () => {
    const passed = judgeSamples(few(false));

    expect(passed.outcome).toBe('pass');
    expect(passed.reasons).toEqual([
      'latency not compared: 0 of 8 samples of the candidate (60 were NaN, as without requests)',
    ]);
    expect(passed.metrics[1]).toMatchObject({ metric: 'latency', outcome: 'inconclusive' });
    expect(judgeSamples(few(true)).outcome).toBe('inconclusive');
  });

  it('shows a regression in fewer samples than needed', () => {
    const judged = (factor: number, n = 15): WindowAnswer => {
      const random = seededRandom(3);
      const calm = noise({ n, cv: 0.05 });
      const input = windowOf(times(calm, factor)(random), calm(random));
      const metrics = [{ ...LATENCY, required: false }];
      return judgeSamples({ ...input, judge: { ...input.judge, minSamples: 20, metrics } });
    };

    expect(judged(2).outcome).toBe('fail');
    expect(judged(1)).toMatchObject({
      outcome: 'pass',
      reasons: ['latency not compared: 15 of 20 samples of the candidate'],
    });
    expect(judged(2, 8).outcome).toBe('pass');
  });

  it('is no error where it could not be measured', () => {
    const nothing = windowOf([], []);
    const metrics = [{ ...LATENCY, required: false }];

    expect(judgeSamples({ ...nothing, judge: { ...nothing.judge, metrics } })).toMatchObject({
      outcome: 'pass',
      reasons: [
        'latency not compared: the candidate could not be measured: it has no sample in the window',
      ],
    });
  });
});
