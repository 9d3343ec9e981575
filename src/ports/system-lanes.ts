import type { Digest } from '../domain/digest';
import type { Hold } from '../domain/lane';
import type { Policy } from '../domain/policy';
import type { Service } from '../domain/service';

export interface LaneLook {
  /** The release that runs. */
  readonly running: string | null;
  readonly rollbackRunning: boolean;
  readonly hold: Hold | null;
}

export interface SystemRollback {
  readonly service: Service;
  /** Only while this is prod:stable. */
  readonly from: Digest;
  readonly to: Digest;
  readonly reason: string;
  /** RFC 3339 */
  readonly requestedAt: string;
  readonly policy: Policy;
}

/** What the system itself asks of a service's lane. Every method throws ORCHESTRATOR_UNAVAILABLE when it could not ask. */
export interface SystemLanes {
  /** A service that never had a lane has an empty one. */
  look(svc: string): Promise<LaneLook>;
  /**
   * Waits for the end. The same request id is the same rollback. Throws TIMED_OUT while it goes on, NOT_WAITING when another
   * one is under way, and what a rollback fails with.
   */
  rollBack(order: SystemRollback, requestId: string): Promise<{ readonly held: boolean }>;
  /** Nothing starts until somebody resumes it; a hold that is there stays as it is. */
  hold(svc: string, reason: string, requestId: string): Promise<void>;
}
