import type { RecordAges } from '../domain/accounting/policy';

/** How storage is sampled; set by whoever makes the Schedule. Durations in milliseconds. */
export interface AccountingSettings {
  /** How often the Schedule starts a run; the last of a day is that day's sample. */
  readonly everyMs: number;
  readonly keep: RecordAges;
}

/** Argument of accountStorageWorkflow. */
export interface AccountingInput {
  readonly settings: AccountingSettings;
}

/** Result of accountStorageWorkflow. */
export interface AccountingReport {
  readonly startedAt: string;
  readonly endedAt: string;
  /** incomplete: what is in `errors` could not be done; the next run does it. */
  readonly outcome: 'done' | 'incomplete';
  /** Null: not counted. */
  readonly storageBytes: number | null;
  readonly repositories: number | null;
  /** Old records that were forgotten. */
  readonly forgotten: number;
  readonly errors: readonly string[];
}
