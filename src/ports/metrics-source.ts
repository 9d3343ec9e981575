import type { Digest } from '../domain/digest';
import type { Environment, ServiceName } from '../domain/reference';
import type { Series } from '../domain/series';
import type { QueryNames } from '../domain/plan-query';
import type { Track } from './rollout';

/** A version whose requests are looked for. */
export interface MeasuredTrack {
  readonly svc: ServiceName;
  readonly env: Environment;
  readonly digest: Digest;
  /** Candidate unless said. Some gateways tell versions apart by this alone. */
  readonly track?: Track;
  /** A candidate without a stable beside it, which takes all: some targets know it as the stable one. */
  readonly alone?: boolean;
}

export interface WindowQuery extends MeasuredTrack {
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
}

/** What the window held, with the queries that said so: kept as evidence. */
export interface WindowSample {
  readonly requests: number;
  readonly errors: number;
  /** Null when there were no requests. */
  readonly p95Ms: number | null;
  /** Age in ms of the newest sample at `to`: stale numbers are an error, never a pass. */
  readonly freshnessMs: number;
  /** RFC 3339: since when it was counted, where nothing was stored before the window. Absent: all of the window. */
  readonly countedFrom?: string;
  readonly queries: readonly {
    readonly name: string;
    readonly expr: string;
    readonly value: number | null;
  }[];
}

/** One series over a window, a value a step. */
export interface SeriesQuery {
  /** Resolved PromQL that gives one series at most. */
  readonly query: string;
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
  readonly stepMs: number;
}

/** Throws METRICS_UNAVAILABLE when it could not measure; `details.why` is NO_SAMPLES where it answers and has none of the version. */
export interface MetricsSource {
  /**
   * What came before the first sample is not known where nothing was stored before the window: it counts from then on. Throws
   * METRICS_UNAVAILABLE when that is less than half of the window.
   */
  sampleWindow(query: WindowQuery): Promise<WindowSample>;
  /**
   * Values at `from` + `stepMs`, `from` + 2 `stepMs` and so on up to `to`, as each speaks of the step before it. Null where the
   * source has none; NaN and infinities as they are. No values while the first step lasts. Throws INVALID_INPUT for a step
   * that gives more than MAX_SAMPLES, METRICS_UNAVAILABLE when the query gives several series, as which of them is meant
   * can't be known.
   */
  sampleSeries(query: SeriesQuery): Promise<Series>;
  /** What the placeholders of a plan's queries stand for where this source looks. */
  namesOf(track: MeasuredTrack): QueryNames;
  ping(): Promise<void>;
}
