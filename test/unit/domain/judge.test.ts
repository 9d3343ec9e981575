import fc from 'fast-check';
import type { WindowMeasurement } from '../../../src/domain/guardrails';
import { judgeWindow, staleLimitMs, type WindowJudgement } from '../../../src/domain/judge';
import type { Guardrails } from '../../../src/domain/policy';

const guardrails: Guardrails = { maxErrorRatio: 0.01, maxP95Ms: 500, minRequests: 100 };
const good: WindowMeasurement = { requests: 1_000, errors: 0, p95Ms: 80, freshnessMs: 900 };

function judge(
  change: Partial<WindowMeasurement> = {},
  limits: Partial<Guardrails> = {},
): WindowJudgement {
  return judgeWindow({
    sample: { ...good, ...change },
    guardrails: { ...guardrails, ...limits },
    windowMs: 60_000,
  });
}

describe('judgeWindow', () => {
  it.each<[string, Partial<WindowMeasurement>, Partial<Guardrails>, WindowJudgement['outcome']]>([
    ['numbers within the limits', {}, {}, 'pass'],
    ['numbers at the limits', { requests: 100, errors: 1, p95Ms: 500 }, {}, 'pass'],
    ['too many errors', { errors: 11 }, {}, 'fail'],
    ['a slow p95', { p95Ms: 501 }, {}, 'fail'],
    ['one request too few', { requests: 99 }, {}, 'inconclusive'],
    ['no requests', { requests: 0, p95Ms: null }, {}, 'inconclusive'],
    [
      'no requests and no minimum',
      { requests: 0, p95Ms: null },
      { minRequests: 0 },
      'inconclusive',
    ],
    [
      'few requests, errors that can still even out',
      { requests: 5, errors: 1 },
      {},
      'inconclusive',
    ],
    ['few requests, errors that can not', { requests: 5, errors: 2 }, {}, 'fail'],
    ['any error where none is allowed', { requests: 5, errors: 1 }, { maxErrorRatio: 0 }, 'fail'],
    ['few requests and a slow p95', { requests: 5, p95Ms: 9_000 }, {}, 'inconclusive'],
    ['few requests, failing and stale', { requests: 5, errors: 5, freshnessMs: 1e6 }, {}, 'error'],
    ['stale samples', { freshnessMs: 30_001 }, {}, 'error'],
    ['NaN requests', { requests: NaN }, {}, 'error'],
    ['NaN errors', { errors: NaN }, {}, 'error'],
    ['NaN latency', { p95Ms: NaN }, {}, 'error'],
    ['infinite latency', { p95Ms: Infinity }, {}, 'error'],
    ['missing latency', { p95Ms: null }, {}, 'error'],
    ['NaN freshness', { freshnessMs: NaN }, {}, 'error'],
    ['negative requests', { requests: -1 }, {}, 'error'],
    ['more errors than requests', { requests: 200, errors: 201 }, {}, 'error'],
    ['a NaN error limit', { errors: 1 }, { maxErrorRatio: NaN }, 'fail'],
    ['a NaN latency limit', {}, { maxP95Ms: NaN }, 'fail'],
  ])('judges %s', (_name, sample, limits, outcome) => {
    expect(judge(sample, limits).outcome).toBe(outcome);
  });

  it('says what broke, with the number and the limit', () => {
    const { reasons } = judge({ errors: 60, p95Ms: 812.345 });

    expect(reasons).toEqual([
      '6 % of 1000 requests failed (60), limit 1 %',
      'p95 latency is 812.35 ms, limit 500 ms',
    ]);
  });

  it('keeps evidence that survives JSON, impossible numbers too', () => {
    const { evidence } = judge({ requests: NaN, p95Ms: Infinity });

    expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
    expect(evidence).toMatchObject({ requests: 'NaN', p95Ms: 'Infinity' });
  });

  it('never passes a breach, a lack of requests or what is not a number', () => {
    const number = fc.oneof(fc.double(), fc.integer({ min: 0, max: 2_000 }));
    const sample = fc.record({
      requests: number,
      errors: number,
      p95Ms: fc.option(number, { nil: null }),
      freshnessMs: number,
    });

    fc.assert(
      fc.property(sample, (one) => {
        const within =
          one.requests >= 100 &&
          Number.isFinite(one.requests) &&
          one.errors >= 0 &&
          one.errors <= one.requests * 0.01 &&
          one.p95Ms !== null &&
          one.p95Ms >= 0 &&
          one.p95Ms <= 500 &&
          one.freshnessMs >= 0 &&
          one.freshnessMs <= 30_000;
        expect(judge(one).outcome === 'pass').toBe(within);
      }),
    );
  });

  it('fails early only what would fail at the minimum whatever came', () => {
    const early = fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 }));

    fc.assert(
      fc.property(early, ([requests, raw]) => {
        const errors = Math.min(raw, requests);
        const failsNow = judge({ requests, errors }).outcome === 'fail';
        const bestCase = judge({ requests: 100, errors }).outcome;
        expect(failsNow).toBe(bestCase === 'fail');
      }),
    );
  });
});

describe('staleLimitMs', () => {
  it.each([
    [1_000, 5_000],
    [20_000, 10_000],
    [900_000, 60_000],
  ])('of a window of %d ms is %d ms', (windowMs, limit) => {
    expect(staleLimitMs(windowMs)).toBe(limit);
  });
});
