/** What a query gave for the moments of a window, on a grid. */
export interface Series {
  /** ms since the epoch. */
  readonly startMs: number;
  readonly stepMs: number;
  /** Null where there was no sample; NaN and infinities as they came. */
  readonly values: readonly (number | null)[];
}

/** `details.why` of a metrics source that answers, and has no sample of what is asked for: not scraped yet, or no longer. */
export const NO_SAMPLES = 'no-samples';

/** Requests of one track in a window. */
export interface RequestCounts {
  readonly requests: number;
  readonly errors: number;
}
