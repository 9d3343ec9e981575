import { normalDeviate, normalTail } from './distributions';

export interface OneOfMany {
  readonly p: number;
  /** What `p` could have been at least, given what both sides saw together: 1 for a constant. */
  readonly leastP: number;
}

export interface Decision {
  /** What `p` must not exceed. */
  readonly threshold: number;
  readonly rejected: boolean;
}

/** Share of the rate that the looks before the end may use up, all together. */
const EARLY_SHARE = 0.2;
/** Share of the rate that is kept for the time after the end, should the window be extended. */
const LATER_SHARE = 0.1;
/** Of it, for the first extension: 1/k² of all k sum up to π²/6. */
const FIRST_LATER_SHARE = 6 / Math.PI ** 2;

/**
 * What a p-value must not exceed when the window is looked at as it grows, so that over all looks together the chance of a false
 * alarm stays within `rate`. `look` is how much of the window has passed, 2 at the end of its first extension; null: the end is the
 * only look. Most of the rate is for the end. Of what is kept for later the k-th extension has 6/π² of 1/k², all of them together the whole:
 * however often it is extended, it is not used up, and a late one can still show what is plain.
 */
export function rateAtLook(rate: number, look: number | null): number {
  if (look === null) return rate;
  const extension = look > 1 ? Math.ceil(look) - 1 : 0;
  if (extension === 0) return untilEnd(rate * (1 - LATER_SHARE), look);
  return untilEnd(
    (rate * LATER_SHARE * FIRST_LATER_SHARE) / extension ** 2,
    look / (extension + 1),
  );
}

/**
 * For looks up to an end, which is at 1. What comes before it has O'Brien and Fleming's bound in its continuous form: a Brownian motion
 * up to time 1 ever exceeds c with chance 2·(1 − Φ(c)), and the deviate at time t is that motion divided by √t. However many looks
 * there are, it holds.
 */
function untilEnd(rate: number, passed: number): number {
  // Not `passed >= 1`: a window of no length gives NaN, and has ended.
  if (!(passed < 1)) return rate * (1 - EARLY_SHARE);
  return passed > 0 ? normalTail(normalDeviate((rate * EARLY_SHARE) / 2) / Math.sqrt(passed)) : 0;
}

/**
 * Holm's step-down over the tests of one window: the chance that any equal pair is told apart is at most `rate`, however the tests
 * depend on each other. Tests that could not have rejected whatever the values did (Tarone) cost the others nothing.
 */
export function holm(
  tests: readonly OneOfMany[],
  rate: number,
  look: number | null,
): readonly Decision[] {
  const shared = sharers(tests, rate, look);
  const order = shared.map((index) => ({ index, p: tests[index]?.p ?? 1 }));
  order.sort((a, b) => a.p - b.p);
  const decisions = tests.map<Decision>(() => ({
    threshold: rateAtLook(rate / (shared.length + 1), look),
    rejected: false,
  }));
  let rejected = 0;
  for (const [place, { index, p }] of order.entries()) {
    const threshold = rateAtLook(rate / (order.length - rejected), look);
    const isRejected = rejected === place && p <= threshold;
    if (isRejected) rejected += 1;
    decisions[index] = { threshold, rejected: isRejected };
  }
  return decisions;
}

/** The tests that share the rate: the smallest number k such that at most k of them can reach rate/k. */
function sharers(
  tests: readonly OneOfMany[],
  rate: number,
  look: number | null,
): readonly number[] {
  for (let k = 1; k <= tests.length; k += 1) {
    const level = rateAtLook(rate / k, look);
    const able = [...tests.keys()].filter((index) => (tests[index]?.leastP ?? 1) <= level);
    if (able.length <= k) return able;
  }
  return [...tests.keys()];
}
