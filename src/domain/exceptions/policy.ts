/** How long exceptions may last and what comes before and after their end. Durations in milliseconds. */
export interface ExceptionPolicy {
  /** The longest that a standard one may last, from the request. */
  readonly maxDurationMs: number;
  /** Likewise for Critical and High. */
  readonly breakGlassMaxMs: number;
  /** So long before its end people are warned. */
  readonly warnBeforeMs: readonly number[];
  /** Of a digest whose last pass rested on an exception that has ended. */
  readonly endedPulls: 'refuse' | 'allow';
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** For a policy that says nothing of it; deploy/policy/default.yaml says the same. */
const DEFAULT_EXCEPTIONS: ExceptionPolicy = {
  maxDurationMs: 90 * DAY_MS,
  breakGlassMaxMs: DAY_MS,
  warnBeforeMs: [7 * DAY_MS, DAY_MS, HOUR_MS],
  endedPulls: 'refuse',
};

/** Of a policy, which may say nothing of it. */
export function exceptionsOf({
  exceptions,
}: {
  readonly exceptions?: ExceptionPolicy;
}): ExceptionPolicy {
  return exceptions ?? DEFAULT_EXCEPTIONS;
}
