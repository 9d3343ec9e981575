import { constant, cut, noise, sprinkled, swinging, times, type Draw } from './draws';
import type { SimulatedService, SimulatedTrack } from './windows';

type Counts = Omit<SimulatedTrack, 'series'>;

const given = (candidate: Draw, stable: Draw, own: Counts = {}, other: Counts = {}) => ({
  candidate: { ...own, series: { latency: candidate } },
  stable: { ...other, series: { latency: stable } },
});

/** Far slower in each: what can't be told must not become a `fail`, nor a `pass`. */
const bad = times(noise(), 2);
const calm = noise({ cv: 0.01 });

/** Too little to judge, and what could not be measured. */
export const UNCLEAR_SERVICES: readonly SimulatedService[] = [
  {
    name: 'low traffic',
    expected: 'inconclusive',
    because: /40 requests in the window, 100 needed/,
    ...given(bad, noise(), { requests: 40, errorRatio: 0.02 }),
  },
  {
    name: 'no traffic at all',
    expected: 'inconclusive',
    ...given(constant(NaN), noise(), { requests: 0 }),
  },
  {
    name: 'night: NaN in most samples for want of requests',
    expected: 'inconclusive',
    because: /latency of the candidate has \d+ usable samples, 20 needed to judge \(\d+ were NaN/,
    ...given(
      sprinkled(bad, 0.85, () => NaN),
      noise(),
      { requests: 120 },
    ),
  },
  {
    name: 'too few samples',
    expected: 'inconclusive',
    because: /of the candidate has 12 usable samples, 20 needed/,
    ...given(times(noise({ n: 12 }), 2), noise()),
  },
  {
    name: 'too few samples of stable',
    expected: 'inconclusive',
    because: /of stable has 12 usable samples, 20 needed/,
    ...given(bad, noise({ n: 12 })),
  },
  {
    name: 'three samples, though the plan thinks that enough',
    expected: 'inconclusive',
    because: /can't be told apart by so little/,
    judge: { minSamples: 3 },
    ...given(times(noise({ n: 3 }), 2), noise({ n: 3 })),
  },
  {
    name: 'each wanders slowly on its own: sixty samples are worth few',
    expected: 'inconclusive',
    because: /can't be told apart by so little/,
    ...given(swinging(calm, 0.4, 1), swinging(calm, -0.4, 1)),
  },
  {
    name: 'labels lost: the series of the candidate vanishes',
    expected: 'error',
    because: /latency of the candidate could not be measured: it has no sample/,
    ...given(cut(bad, 0, 60), noise()),
  },
  {
    name: 'labels lost: the series of stable vanishes',
    expected: 'error',
    because: /latency of stable could not be measured: it has no sample/,
    ...given(bad, cut(noise(), 0, 60)),
  },
  {
    name: 'labels lost: no request of stable is seen, which has to take three of four',
    expected: 'error',
    because: /stable has to take 75 % of the traffic and shows none/,
    share: 25,
    candidate: { series: { latency: noise() } },
    stable: { requests: 0, series: { latency: constant(NaN) } },
  },
  {
    name: 'a metric that nobody asked for',
    expected: 'error',
    because: /memory of the candidate could not be measured/,
    judge: {
      metrics: [{ name: 'memory', query: 'memory', worseWhen: 'higher', minEffect: 0.05 }],
    },
    ...given(bad, noise()),
  },
  {
    name: 'holes at most moments',
    expected: 'error',
    because: /it has holes at 40 of 60 moments/,
    ...given(cut(bad, 10, 50), noise()),
  },
  {
    name: 'infinities at most moments',
    expected: 'error',
    because: /it has holes at 40 of 60 moments/,
    ...given(cut(bad, 10, 50, Infinity), noise()),
  },
  {
    name: 'the series of the candidate ends early',
    expected: 'error',
    because: /it ended 150000 ms before the window/,
    ...given(cut(bad, 50, 60), noise()),
  },
  {
    name: 'stale: the newest scrape is old',
    expected: 'error',
    because: /newest sample is 300000 ms old/,
    ...given(bad, noise(), { freshnessMs: 300_000 }),
  },
  {
    name: 'counts that are not numbers',
    expected: 'error',
    because: /request counts are not numbers/,
    ...given(bad, noise(), { requests: NaN }),
  },
  {
    name: "stable's counts are stale",
    expected: 'error',
    because: /errors of stable could not be measured/,
    ...given(noise({ mean: 90 }), noise(), { errorRatio: 0.02 }, { freshnessMs: 300_000 }),
  },
];
