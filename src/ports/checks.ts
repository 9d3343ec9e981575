import type { ServiceCheck } from '../domain/continuous-check/service-check';
import type { Digest } from '../domain/digest';

/** The last of a row of checks that were the same. */
export interface RecordedCheck extends ServiceCheck {
  /** RFC 3339: the first of the row. */
  readonly since: string;
  /** How many there were. */
  readonly runs: number;
}

/** not-begun: it was refused before anything moved, and does not count. */
export type AutomaticRollbackEnd = 'done' | 'failed' | 'not-begun';

export interface NewAutomaticRollback {
  /** The request id that the lane was asked with. */
  readonly id: string;
  readonly svc: string;
  readonly from: Digest;
  readonly to: Digest;
  readonly reason: string;
  /** RFC 3339 */
  readonly at: string;
}

export interface AutomaticRollback extends NewAutomaticRollback {
  /** Null while it is under way, or when nobody was left to say how it ended. */
  readonly end: AutomaticRollbackEnd | null;
  /** Why it failed. */
  readonly note: string;
}

export interface RollbackGuard {
  /** Of the service, since then. */
  readonly max: number;
  /** RFC 3339 */
  readonly since: string;
}

/** What the continuous check found and did. Every method throws ReleaseError LEDGER_UNAVAILABLE when it could not find out. */
export interface Checks {
  /** Idempotent by (runId, svc). */
  record(check: ServiceCheck): Promise<RecordedCheck>;
  /** The newest of each service, by name. */
  newest(page: {
    readonly after?: string;
    readonly limit: number;
  }): Promise<readonly RecordedCheck[]>;
  /** Newest first. */
  history(svc: string, limit: number): Promise<readonly RecordedCheck[]>;
  /** False, and nothing is noted, when the service has had as many as the guard lets. The same id again says the same. */
  beginRollback(rollback: NewAutomaticRollback, guard: RollbackGuard): Promise<boolean>;
  /** The first end stays. */
  endRollback(id: string, end: AutomaticRollbackEnd, note: string): Promise<void>;
  /** Newest first. */
  rollbacks(svc: string, limit: number): Promise<readonly AutomaticRollback[]>;
}
