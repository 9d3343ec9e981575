import {
  constant,
  cut,
  leaking,
  mostlyZero,
  noise,
  sprinkled,
  swinging,
  times,
  twoLevels,
  type Draw,
} from './draws';
import { LATENCY, type SimulatedService } from './windows';

const latencies = (candidate: Draw, stable: Draw) => ({
  candidate: { series: { latency: candidate } },
  stable: { series: { latency: stable } },
});

const slower = (latency: Draw, factor: number) => latencies(times(latency, factor), latency);

const failing = (candidate: number, stable: number, requests = 5_000) => ({
  candidate: { requests, errorRatio: candidate, series: { latency: noise() } },
  stable: { requests, errorRatio: stable, series: { latency: noise() } },
});

const TWO = [
  { ...LATENCY, name: 'p50' },
  { ...LATENCY, name: 'p99' },
] as const;

/** The new version is worse: it fails, for the reason given. */
export const BAD_SERVICES: readonly SimulatedService[] = [
  {
    name: '5 % slower, where 3 % matter and little varies',
    expected: 'fail',
    because: /latency is [3-7]\S* % higher/,
    judge: { metrics: [{ ...LATENCY, minEffect: 0.03 }] },
    ...slower(noise({ cv: 0.03 }), 1.05),
  },
  { name: '10 % slower at 5 % noise', expected: 'fail', ...slower(noise({ cv: 0.05 }), 1.1) },
  { name: '20 % slower at 15 % noise', expected: 'fail', ...slower(noise(), 1.2) },
  { name: '50 % slower at 30 % noise', expected: 'fail', ...slower(noise({ cv: 0.3 }), 1.5) },
  {
    name: '60 % slower and autocorrelated',
    expected: 'fail',
    ...slower(noise({ rho: 0.6 }), 1.6),
  },
  {
    name: 'a slow leak under noise',
    expected: 'fail',
    ...latencies(leaking(noise(), 0.5), noise()),
  },
  {
    name: 'a slow leak as straight as a rule',
    expected: 'fail',
    ...latencies(leaking(noise({ cv: 0.01 }), 0.4), noise({ cv: 0.01 })),
  },
  {
    name: 'slower in the tail only',
    expected: 'fail',
    because: /^p99 is/,
    judge: { metrics: TWO },
    candidate: { series: { p50: noise({ mean: 20 }), p99: noise({ mean: 300, cv: 0.3 }) } },
    stable: { series: { p50: noise({ mean: 20 }), p99: noise({ mean: 180, cv: 0.3 }) } },
  },
  {
    name: 'more cache misses',
    expected: 'fail',
    ...latencies(twoLevels(10, 100, 0.7), twoLevels(10, 100, 0.1)),
  },
  {
    name: 'another constant',
    expected: 'fail',
    because: /20 % higher/,
    ...latencies(constant(120), constant(100)),
  },
  {
    name: 'slower between outliers of both',
    expected: 'fail',
    ...slower(
      sprinkled(noise(), 0.05, (value) => value * 50),
      1.3,
    ),
  },
  {
    name: 'night traffic and 10 % slower in it',
    expected: 'fail',
    ...slower(swinging(noise({ cv: 0.05 }), 0.6, 1), 1.1),
  },
  {
    name: 'both warm up, one 15 % slower',
    expected: 'fail',
    ...slower(leaking(noise({ cv: 0.05 }), -0.5), 1.15),
  },
  {
    name: 'less throughput where less is worse',
    expected: 'fail',
    because: /lower than stable's/,
    judge: { metrics: [{ ...LATENCY, worseWhen: 'lower' }] },
    ...slower(noise(), 0.75),
  },
  {
    name: 'throughput falls to nothing',
    expected: 'fail',
    because: /100 % lower/,
    judge: { metrics: [{ ...LATENCY, worseWhen: 'lower' }] },
    ...latencies(constant(0), noise()),
  },
  {
    name: 'less, where any difference is worse',
    expected: 'fail',
    judge: { metrics: [{ ...LATENCY, worseWhen: 'different' }] },
    ...slower(noise(), 0.75),
  },
  {
    name: 'a queue that is no longer empty',
    expected: 'fail',
    because: /latency is \S+ higher than stable's, limit/,
    ...latencies(mostlyZero(0.4, 5), constant(0)),
  },
  {
    name: 'slower, with a Prometheus restart amidst',
    expected: 'fail',
    ...latencies(cut(times(noise(), 1.3), 20, 32), cut(noise(), 20, 32)),
  },
  {
    name: 'slower, with NaN in every third sample',
    expected: 'fail',
    ...latencies(
      sprinkled(times(noise(), 1.3), 0.3, () => NaN),
      noise(),
    ),
  },
  {
    name: 'slower in few samples, where few are enough',
    expected: 'fail',
    judge: { minSamples: 8 },
    ...latencies(noise({ mean: 200, n: 8 }), noise({ n: 8 })),
  },
  {
    name: 'twice as slow, in fewer samples than needed of a latency that is not required',
    expected: 'fail',
    because: /latency is \S+ % higher/,
    judge: { metrics: [{ ...LATENCY, required: false }], errors: null },
    ...latencies(noise({ mean: 200, cv: 0.05, n: 19 }), noise({ cv: 0.05, n: 19 })),
  },
  {
    name: 'over the guardrail, while stable took no requests',
    expected: 'fail',
    because: /p95 latency is 2000 ms/,
    candidate: { p95Ms: 2_000, series: { latency: noise() } },
    stable: { requests: 0, series: { latency: constant(NaN) } },
  },
  { name: '1 % errors against 0.1 %', expected: 'fail', ...failing(0.01, 0.001) },
  {
    name: '1 % errors against none at all',
    expected: 'fail',
    because: /against 0 % of 5000/,
    ...failing(0.01, 0),
  },
  { name: '4 % errors against none, few requests', expected: 'fail', ...failing(0.04, 0, 800) },
  {
    name: 'a canary with little traffic and 4 % errors',
    expected: 'fail',
    candidate: { requests: 500, errorRatio: 0.04, series: { latency: noise() } },
    stable: { requests: 9_500, errorRatio: 0.001, series: { latency: noise() } },
  },
  {
    name: 'nothing but errors',
    expected: 'fail',
    because: /100 % of 5000 requests failed/,
    ...failing(1, 0),
  },
  {
    name: 'nothing but errors, on both sides',
    expected: 'fail',
    because: /100 % of 5000 requests failed/,
    ...failing(1, 1),
  },
  {
    name: 'over the guardrail, with nothing stable yet',
    expected: 'fail',
    because: /p95 latency is 2000 ms/,
    candidate: { p95Ms: 2_000, series: { latency: noise() } },
    stable: null,
  },
  {
    name: "slower, while stable's errors could not be measured",
    expected: 'fail',
    candidate: { series: { latency: times(noise(), 1.5) } },
    stable: { requests: NaN, series: { latency: noise() } },
  },
];
