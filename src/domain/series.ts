/** What a query gave for the moments of a window, on a grid. */
export interface Series {
  /** ms since the epoch. */
  readonly startMs: number;
  readonly stepMs: number;
  /** Null where there was no sample; NaN and infinities as they came. */
  readonly values: readonly (number | null)[];
}

/** Requests of one track in a window. */
export interface RequestCounts {
  readonly requests: number;
  readonly errors: number;
}
