import type {
  ComparedErrors,
  ComparedMetric,
  ObservationTraffic,
  PowerPlan,
  Undecided,
} from './plan';
import type { Guardrails } from './policy';

/** A step as a plan file gives it; without a window it takes the one of the policy. */
export interface GivenStep {
  readonly percent: number;
  readonly windowMs?: number;
}

/**
 * What a catalogue entry or a plan file says, and no more: what it leaves out comes from the layer below.
 * A list replaces the list below, an object is merged into it.
 */
export interface GivenPlan {
  readonly canary?: {
    readonly steps?: readonly GivenStep[];
    readonly checkpointMs?: number;
    readonly guardrails?: Partial<Guardrails>;
  };
  readonly observation?: {
    readonly candidatePercent?: number;
    readonly windowMs?: number;
    readonly checkpointMs?: number;
    readonly guardrails?: Partial<Guardrails>;
    readonly traffic?: ObservationTraffic;
    readonly onInconclusive?: Partial<Undecided>;
    readonly onError?: Partial<Undecided>;
  };
  readonly judge?: {
    readonly sampleIntervalMs?: number;
    readonly minSamples?: number;
    readonly falseAlarmRate?: number;
    readonly errors?: ComparedErrors | null;
    readonly metrics?: readonly ComparedMetric[];
    readonly power?: Partial<PowerPlan>;
    readonly onInconclusive?: Partial<Undecided>;
    readonly onError?: Partial<Undecided>;
  };
}
