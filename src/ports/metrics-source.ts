import type { Digest } from '../domain/digest';
import type { Environment, ServiceName } from '../domain/reference';

export interface WindowQuery {
  readonly svc: ServiceName;
  readonly env: Environment;
  readonly digest: Digest;
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
  readonly queries: readonly {
    readonly name: string;
    readonly expr: string;
    readonly value: number | null;
  }[];
}

/** Throws METRICS_UNAVAILABLE when it could not measure. */
export interface MetricsSource {
  sampleWindow(query: WindowQuery): Promise<WindowSample>;
  ping(): Promise<void>;
}
