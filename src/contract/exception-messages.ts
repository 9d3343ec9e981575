import type { ExceptionPolicy } from '../domain/exceptions/policy';

/** By what exceptions are watched; set by whoever makes the Schedule. */
export interface ExceptionExpirySettings {
  readonly policy: ExceptionPolicy;
  /** Stands in the verdicts of what is judged again. */
  readonly policyHash: string;
}

/** Argument of exceptionExpiryWorkflow. */
export interface ExceptionExpiryInput {
  readonly settings: ExceptionExpirySettings;
}

/** Result of exceptionExpiryWorkflow, and what its query `getExceptionExpiry` shows meanwhile. */
export interface ExceptionExpiryReport {
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Null while it runs. incomplete: what is in `errors` is done by the next run. */
  readonly outcome: 'done' | 'incomplete' | null;
  /** Digests that passed by an exception that has ended, and were judged again. */
  readonly rejudged: number;
  /** Alarms of ends ahead, of ends, and of broken glass. */
  readonly told: number;
  /** The first few, one sentence each. */
  readonly found: readonly string[];
  readonly errors: readonly string[];
}
