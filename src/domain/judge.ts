import { findBreaches, findUnmeasurable, type WindowMeasurement } from './guardrails';
import type { Guardrails } from './policy';
import type { Json, VerdictOutcome } from './verdict';

export interface WindowJudgementInput {
  readonly sample: WindowMeasurement;
  readonly guardrails: Guardrails;
  /** Length of the measured range, for the limit on stale samples. */
  readonly windowMs: number;
  /** Overrides the limit that follows from `windowMs`. */
  readonly staleAfterMs?: number;
}

export interface WindowJudgement {
  readonly outcome: VerdictOutcome;
  /** One sentence each; empty on a pass. */
  readonly reasons: readonly string[];
  /** Numbers and limits, small: what a verdict in a workflow history carries. */
  readonly evidence: { readonly [key: string]: Json };
}

const FRESHEST_LIMIT_MS = 5_000;
const STALEST_LIMIT_MS = 60_000;

/** Half a window, from 5 s to 60 s: older samples say nothing about the end of the window. */
export function staleLimitMs(windowMs: number): number {
  return Math.min(STALEST_LIMIT_MS, Math.max(FRESHEST_LIMIT_MS, windowMs / 2));
}

/**
 * Judges one window by absolute guardrails, in this order: numbers that are missing, stale or impossible → `error`;
 * a breach that more traffic can't undo → `fail`; fewer than `minRequests`, or none at all → `inconclusive`; else
 * `pass`. A pass of a window that is still open means only "so far": see `nextWindowStep`.
 */
export function judgeWindow(input: WindowJudgementInput): WindowJudgement {
  const { sample, guardrails } = input;
  const staleAfterMs = input.staleAfterMs ?? staleLimitMs(input.windowMs);
  const evidence = evidenceOf(sample, guardrails, staleAfterMs);

  const unmeasurable = findUnmeasurable(sample, staleAfterMs);
  if (unmeasurable.length > 0) {
    return { outcome: 'error', reasons: unmeasurable, evidence };
  }
  const breaches = findBreaches(sample, guardrails);
  if (breaches.length > 0) {
    return { outcome: 'fail', reasons: breaches, evidence };
  }
  if (sample.requests === 0 || sample.requests < guardrails.minRequests) {
    const reason = `${sample.requests} requests in the window, ${Math.max(1, guardrails.minRequests)} needed to judge`;
    return { outcome: 'inconclusive', reasons: [reason], evidence };
  }
  return { outcome: 'pass', reasons: [], evidence };
}

function evidenceOf(
  sample: WindowMeasurement,
  guardrails: Guardrails,
  staleAfterMs: number,
): { readonly [key: string]: Json } {
  return {
    requests: asJson(sample.requests),
    errors: asJson(sample.errors),
    errorRatio: sample.requests > 0 ? asJson(sample.errors / sample.requests) : null,
    p95Ms: sample.p95Ms === null ? null : asJson(sample.p95Ms),
    freshnessMs: asJson(sample.freshnessMs),
    limits: {
      maxErrorRatio: guardrails.maxErrorRatio,
      maxP95Ms: guardrails.maxP95Ms,
      minRequests: guardrails.minRequests,
      staleAfterMs,
    },
  };
}

/** JSON has no NaN or infinity and would quietly store null. */
function asJson(value: number): Json {
  return Number.isFinite(value) ? value : String(value);
}
