import type { WindowMeasurement } from '../guardrails';
import type { JudgePlan } from '../plan';
import type { Guardrails } from '../policy';
import type { Series } from '../series';
import type { VerdictOutcome } from '../verdict';

/** What one track showed in a window. */
export interface TrackSamples {
  readonly measurement: WindowMeasurement;
  /** By the name of the compared metric. */
  readonly series: Readonly<Record<string, Series>>;
}

/** All that a judgement rests on, JSON: stored, it gives the same answer again. NaN and infinities travel as strings. */
export interface WindowInput {
  readonly judge: JudgePlan;
  readonly guardrails: Guardrails;
  readonly windowMs: number;
  /**
   * How much of the planned window has passed, 1 at its end, 2 at the end of its first extension, for a window that is compared at
   * several checkpoints: the false alarms of all looks together then stay within the judge's rate. Left out where the end is the only look.
   */
  readonly look?: number;
  /** Percent of the traffic that the candidate takes. Left out: not known, and a stable side without requests is believed. */
  readonly share?: number;
  readonly candidate: TrackSamples;
  /** Null where nothing is stable yet: then guardrails alone decide, as where it took no requests. */
  readonly stable: TrackSamples | null;
}

export interface MetricAnswer {
  /** `errors`, or the name of a compared metric. */
  readonly metric: string;
  readonly outcome: VerdictOutcome;
  /** One sentence; empty on a pass. */
  readonly reason: string;
  /** The arithmetic: statistic, p-value and threshold after correction, effect, counts and what was left out. */
  readonly numbers: Readonly<Record<string, number | string | null>>;
}

export interface WindowAnswer {
  readonly outcome: VerdictOutcome;
  /** One sentence each, the worst first; on a pass only what was not compared. */
  readonly reasons: readonly string[];
  readonly metrics: readonly MetricAnswer[];
}
