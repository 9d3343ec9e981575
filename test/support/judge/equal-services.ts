import {
  constant,
  cut,
  leaking,
  lognormal,
  mostlyZero,
  noise,
  quantised,
  sprinkled,
  swinging,
  times,
  twoLevels,
  type Draw,
} from './draws';
import { LATENCY, type SimulatedService, type SimulatedTrack } from './windows';

const alike = (latency: Draw, rest: Omit<SimulatedTrack, 'series'> = {}) => ({
  candidate: { ...rest, series: { latency } },
  stable: { ...rest, series: { latency } },
});

const latencyOnly = (candidate: Draw, stable: Draw) => ({
  candidate: { series: { latency: candidate } },
  stable: { series: { latency: stable } },
});

const FIVE = ['p50', 'p95', 'p99', 'memory', 'cpu'] as const;
const fiveSeries = (): Record<string, Draw> =>
  Object.fromEntries(FIVE.map((name) => [name, noise()]));

/** The new version is as good as the old one, or better: it passes. */
export const EQUAL_SERVICES: readonly SimulatedService[] = [
  { name: 'steady', expected: 'pass', ...alike(noise({ cv: 0.01 })) },
  { name: 'noisy', expected: 'pass', ...alike(noise({ cv: 0.15 })) },
  { name: 'very noisy', expected: 'pass', ...alike(noise({ cv: 0.6 })) },
  { name: 'with a long tail', expected: 'pass', ...alike(lognormal(100, 1)) },
  { name: 'a little autocorrelated', expected: 'pass', ...alike(noise({ rho: 0.3 })) },
  { name: 'autocorrelated', expected: 'pass', ...alike(noise({ rho: 0.6 })) },
  { name: 'without errors', expected: 'pass', ...alike(noise(), { errorRatio: 0 }) },
  { name: 'always some errors', expected: 'pass', ...alike(noise(), { errorRatio: 0.02 }) },
  { name: 'constant', expected: 'pass', ...alike(constant(80)) },
  { name: 'constantly zero', expected: 'pass', ...alike(constant(0)) },
  { name: 'in coarse steps', expected: 'pass', ...alike(quantised(noise(), 25)) },
  { name: 'cache hits and misses', expected: 'pass', ...alike(twoLevels(10, 100, 0.3)) },
  { name: 'a queue that is mostly empty', expected: 'pass', ...alike(mostlyZero(0.2, 5)) },
  {
    name: 'outliers on both sides',
    expected: 'pass',
    ...alike(sprinkled(noise(), 0.05, (value) => value * 50)),
  },
  {
    name: 'one monstrous outlier of the candidate',
    expected: 'pass',
    ...latencyOnly(cut(noise(), 30, 31, 1e6), noise()),
  },
  {
    name: 'night traffic: both fall and rise with the load',
    expected: 'pass',
    ...alike(swinging(noise({ cv: 0.05 }), 0.6, 1)),
  },
  {
    name: 'bursts of load that both see',
    expected: 'pass',
    ...alike(swinging(noise({ cv: 0.1 }), 0.4, 4)),
  },
  { name: 'both warm up', expected: 'pass', ...alike(leaking(noise({ cv: 0.05 }), -0.5)) },
  {
    name: 'a canary with little traffic',
    expected: 'pass',
    candidate: { requests: 500, errorRatio: 0.002, series: { latency: noise({ cv: 0.3 }) } },
    stable: { requests: 9_500, errorRatio: 0.002, series: { latency: noise({ cv: 0.1 }) } },
  },
  {
    name: '2 % slower, surely, and 5 % matter',
    expected: 'pass',
    ...latencyOnly(noise({ mean: 102, cv: 0.01 }), noise({ cv: 0.01 })),
  },
  {
    name: 'errors more by less than matters',
    expected: 'pass',
    candidate: { requests: 200_000, errorRatio: 0.0015, series: { latency: noise() } },
    stable: { requests: 200_000, errorRatio: 0.0005, series: { latency: noise() } },
  },
  { name: '20 % faster', expected: 'pass', ...latencyOnly(noise({ mean: 80 }), noise()) },
  {
    name: 'fewer errors',
    expected: 'pass',
    candidate: { errorRatio: 0.001, series: { latency: noise() } },
    stable: { errorRatio: 0.03, series: { latency: noise() } },
  },
  {
    name: 'Prometheus restarted: a gap on both sides',
    expected: 'pass',
    ...alike(cut(noise(), 20, 32)),
  },
  {
    name: 'Prometheus restarted: a gap, and a counter that starts anew',
    expected: 'pass',
    ...latencyOnly(cut(cut(noise(), 20, 28), 28, 29, -90_000), cut(noise(), 20, 28)),
  },
  {
    name: 'a few NaN for want of requests',
    expected: 'pass',
    ...alike(sprinkled(noise(), 0.2, () => NaN)),
  },
  {
    name: 'fewer samples of the candidate',
    expected: 'pass',
    ...latencyOnly(noise({ n: 24 }), noise()),
  },
  {
    name: 'five metrics at once',
    expected: 'pass',
    judge: { metrics: FIVE.map((name) => ({ ...LATENCY, name })) },
    candidate: { series: fiveSeries() },
    stable: { series: fiveSeries() },
  },
  {
    name: 'more throughput where less is worse',
    expected: 'pass',
    judge: { metrics: [{ ...LATENCY, worseWhen: 'lower' }] },
    ...latencyOnly(times(noise(), 1.3), noise()),
  },
  {
    name: 'nothing stable yet',
    expected: 'pass',
    candidate: { series: { latency: noise() } },
    stable: null,
  },
  {
    name: 'stable took no requests',
    expected: 'pass',
    because: /not compared: stable took no requests/,
    share: 99.9,
    candidate: { series: { latency: noise({ mean: 130 }) } },
    stable: { requests: 0, series: { latency: constant(NaN) } },
  },
  {
    name: 'too quiet for a latency that is not required',
    expected: 'pass',
    because: /latency not compared: \d+ of 20 samples of the candidate \(\d+ were NaN/,
    judge: { metrics: [{ ...LATENCY, required: false }] },
    ...latencyOnly(
      sprinkled(noise(), 0.85, () => NaN),
      noise(),
    ),
  },
  {
    name: 'no samples at all of a latency that is not required',
    expected: 'pass',
    because: /latency not compared: the candidate could not be measured: it has no sample/,
    judge: { metrics: [{ ...LATENCY, required: false }] },
    ...latencyOnly(cut(noise(), 0, 60), noise()),
  },
  {
    name: 'nothing to compare asked for',
    expected: 'pass',
    judge: { errors: null, metrics: [] },
    ...latencyOnly(times(noise(), 3), noise()),
  },
];
