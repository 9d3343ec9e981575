import type { Guardrails } from './policy';

/** What a window held; the numbers a metrics source gives. */
export interface WindowMeasurement {
  readonly requests: number;
  readonly errors: number;
  /** Null when there were no requests. */
  readonly p95Ms: number | null;
  /** Age of the newest sample at the end of the window. */
  readonly freshnessMs: number;
}

const isCount = (value: number): boolean => Number.isFinite(value) && value >= 0;

/** Why these numbers can't be judged at all; empty when they can. NaN and infinities never can. */
export function findUnmeasurable(
  sample: WindowMeasurement,
  staleAfterMs: number,
): readonly string[] {
  const reasons: string[] = [];
  if (!isCount(sample.requests) || !isCount(sample.errors)) {
    reasons.push(`request counts are not numbers: ${sample.errors} of ${sample.requests}`);
  } else if (sample.errors > sample.requests) {
    reasons.push(`more errors (${sample.errors}) than requests (${sample.requests})`);
  }
  if (sample.requests > 0 && (sample.p95Ms === null || !isCount(sample.p95Ms))) {
    reasons.push(`there were requests, but their p95 latency is ${sample.p95Ms ?? 'missing'}`);
  }
  if (!isCount(sample.freshnessMs) || sample.freshnessMs > staleAfterMs) {
    reasons.push(`newest sample is ${sample.freshnessMs} ms old, limit ${staleAfterMs} ms`);
  }
  return reasons;
}

/**
 * Breaches that hold whatever else the window brings. Below `minRequests` an error ratio counts only when the errors
 * seen would break the limit even if every request still missing succeeded, so a few early failures are waited out
 * and a broken image isn't. A p95 of few requests says nothing and is left alone.
 */
export function findBreaches(sample: WindowMeasurement, limits: Guardrails): readonly string[] {
  const { requests, errors, p95Ms } = sample;
  const reasons: string[] = [];
  const atLeast = Math.max(requests, limits.minRequests);
  if (errors > 0 && !(errors <= limits.maxErrorRatio * atLeast)) {
    reasons.push(
      `${percent(errors / requests)} of ${requests} requests failed (${errors}), limit ${percent(limits.maxErrorRatio)}`,
    );
  }
  const enough = requests > 0 && requests >= limits.minRequests;
  if (enough && p95Ms !== null && !(p95Ms <= limits.maxP95Ms)) {
    reasons.push(`p95 latency is ${round(p95Ms)} ms, limit ${limits.maxP95Ms} ms`);
  }
  return reasons;
}

/** A ratio as people read it. */
function percent(ratio: number): string {
  return `${round(ratio * 100)} %`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
