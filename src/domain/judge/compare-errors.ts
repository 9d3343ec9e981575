import { findUnmeasurable } from '../guardrails';
import type { ComparedErrors } from '../plan';
import type { Guardrails } from '../policy';
import type { RequestCounts } from '../series';
import { asNumber, percent, type Finding } from './finding';
import { detectableErrorDifference } from './power';
import { compareProportions, type Proportions } from './proportions';
import type { TrackSamples } from './window-input';

const METRIC = 'errors';

type ErrorRules = ComparedErrors & Pick<Guardrails, 'minRequests'>;

/**
 * The candidate's counts have passed the guardrails. Stable needs as many requests: fewer can show a difference, but not that there is
 * none.
 */
export function compareErrors(
  candidate: TrackSamples,
  stable: TrackSamples,
  { minDifference, minRequests }: ErrorRules,
  staleAfterMs: number,
): Finding {
  const own = wholeCounts(candidate.measurement);
  const other = wholeCounts(stable.measurement);
  const counts = {
    candidateRequests: asNumber(own.requests),
    candidateErrors: asNumber(own.errors),
    stableRequests: asNumber(other.requests),
    stableErrors: asNumber(other.errors),
  };
  const unmeasurable = whyUncounted(stable, staleAfterMs);
  if (unmeasurable !== null) {
    const reason = `errors of stable could not be measured: ${unmeasurable}`;
    return { kind: 'untested', metric: METRIC, outcome: 'error', reason, numbers: counts };
  }
  if (own.requests === 0) {
    const reason = 'the candidate took no requests to compare errors by';
    return { kind: 'untested', metric: METRIC, outcome: 'inconclusive', reason, numbers: counts };
  }
  const result = compareProportions(own, other);
  return {
    kind: 'tested',
    metric: METRIC,
    p: result.p,
    leastP: result.leastP,
    reachableP: result.reachableP,
    matters: result.difference > 0 && result.difference >= minDifference - 1e-9,
    tooLittle:
      other.requests < minRequests
        ? `errors not compared: stable took ${other.requests} requests, ${minRequests} needed`
        : null,
    worse: worseSentence(own, other, result, minDifference),
    numbers: (threshold) => ({
      ...counts,
      test: result.method,
      p: asNumber(result.p),
      threshold: asNumber(threshold),
      difference: asNumber(result.difference),
      lower: asNumber(result.lower),
      upper: asNumber(result.upper),
      minDifference,
      detectable: asNumber(
        detectableErrorDifference({
          ratio: result.stableRatio,
          candidateRequests: own.requests,
          stableRequests: other.requests,
          rate: threshold,
          minDifference,
        }),
      ),
    }),
  };
}

/** Why the counts of a track can't be compared; null when they can. Its p95 is nobody's business here. */
function whyUncounted({ measurement }: TrackSamples, staleAfterMs: number): string | null {
  const p95Ms = measurement.requests > 0 ? 0 : null;
  return findUnmeasurable({ ...measurement, p95Ms }, staleAfterMs)[0] ?? null;
}

/** It was measured, and took no requests: there is nothing to compare with. */
export function isIdle(track: TrackSamples, staleAfterMs: number): boolean {
  return (
    whyUncounted(track, staleAfterMs) === null && wholeCounts(track.measurement).requests === 0
  );
}

/** Rarer than this, that all requests went to the candidate is no chance: stable's are not seen. */
const CREDIBLE = 0.001;

/** Why a stable side without requests was not measured rightly; null when it may have had none. `share`: percent of the candidate. */
export function whyNotIdle({ measurement }: TrackSamples, share?: number): string | null {
  const { requests } = wholeCounts(measurement);
  if (share === undefined || (share / 100) ** requests > CREDIBLE) return null;
  return `stable has to take ${100 - share} % of the traffic and shows none, while the candidate took ${requests} requests: its series may have lost their labels`;
}

/** PromQL's increase() extrapolates to fractions of a request. */
function wholeCounts({ requests, errors }: RequestCounts): RequestCounts {
  const whole = Math.round(requests);
  return { requests: whole, errors: Math.min(whole, Math.round(errors)) };
}

function worseSentence(
  own: RequestCounts,
  other: RequestCounts,
  result: Proportions,
  minDifference: number,
): string {
  const candidate = `${percent(result.candidateRatio)} of ${own.requests} requests failed (${own.errors})`;
  const stable = `${percent(result.stableRatio)} of ${other.requests} of stable's (${other.errors})`;
  return `${candidate} against ${stable}, limit of the difference ${percent(minDifference)}`;
}
