import type { Guardrails } from './policy';

/** How a service's new version is tried out and judged. All durations in milliseconds, ratios from 0 to 1. */
export interface Plan {
  readonly apiVersion: 'plura.reg/plan/v1';
  readonly canary: CanaryPlan;
  readonly observation: ObservationPlan;
  readonly judge: JudgePlan;
}

export interface CanaryStep {
  /** Share of the traffic that the candidate takes. */
  readonly percent: number;
  readonly windowMs: number;
}

export interface CanaryPlan {
  readonly steps: readonly CanaryStep[];
  readonly checkpointMs: number;
  readonly guardrails: Guardrails;
}

export type ObservationTraffic = 'none' | 'drive';

export interface ObservationPlan {
  readonly candidatePercent: number;
  readonly windowMs: number;
  readonly checkpointMs: number;
  readonly guardrails: Guardrails;
  /** `drive`: scenarios make the traffic that a window in prod lacks, with all that they do there. None without it. */
  readonly traffic?: ObservationTraffic;
  /** Where they differ from those of the judge, which hold for every window without its own. */
  readonly onInconclusive?: Undecided;
  readonly onError?: Undecided;
}

/** The direction in which a metric gets worse. */
export type WorseWhen = 'higher' | 'lower' | 'different';

/** A series of the candidate compared with the same of stable, by a rank test. */
export interface ComparedMetric {
  readonly name: string;
  /**
   * PromQL for one value a sample, with `{{service}}`, `{{version}}` (the digest of the track), `{{env}}` and `{{window}}`
   * (what a sample speaks of, see rangeMsOf, as a PromQL duration) in it.
   */
  readonly query: string;
  readonly worseWhen: WorseWhen;
  /** The smallest relative shift that matters: 0.05 is 5 %. What is smaller passes, however sure it is. */
  readonly minEffect: number;
  /** False: what can't be told of it stops no release; a regression that it shows does. Required without it. */
  readonly required?: boolean;
}

/** Errors of the candidate against those of stable, by a test of two proportions. */
export interface ComparedErrors {
  /** The smallest difference of the two error ratios that matters. */
  readonly minDifference: number;
}

/** What follows when a window can't be decided. */
export interface Undecided {
  /** By the window's own length, so often. */
  readonly maxExtensions: number;
  /** `hold` keeps traffic as it is and waits for a person; `fail` compensates. */
  readonly then: 'hold' | 'fail';
}

export interface PowerPlan {
  /** The regression of a compared metric that a window must be able to show with 80 % power; null asks for none. */
  readonly detect: number | null;
  /** A window that can't is lengthened, to so many times its length at most; else it is refused. */
  readonly maxLengthening: number;
}

export interface JudgePlan {
  readonly sampleIntervalMs: number;
  /** Fewer usable samples than this a side: inconclusive. */
  readonly minSamples: number;
  /** Chance that two equal versions are told apart, over all metrics of a window, what a promotion added included. */
  readonly falseAlarmRate: number;
  /** Null: by the guardrail alone. */
  readonly errors: ComparedErrors | null;
  readonly metrics: readonly ComparedMetric[];
  /**
   * Metrics (and `errors`) that the plan given with a promotion has beside the standard's. They have a fixed part of the `falseAlarmRate`:
   * sharing that of the standard, they would leave less to find what it finds.
   */
  readonly added?: readonly string[];
  readonly power: PowerPlan;
  readonly onInconclusive: Undecided;
  readonly onError: Undecided;
}
