import type { Actor } from '../domain/actor';
import type { Digest } from '../domain/digest';
import type { DrillLane } from '../domain/drill/readiness';
import type { Policy } from '../domain/policy';
import type { Service } from '../domain/service';

interface LaneHold {
  readonly actor: Actor;
  readonly reason: string;
}

/** An explicit rollback to a digest that was stable before. */
export interface DigestRollback {
  readonly service: Service;
  /** `from`: only while that is prod:stable. */
  readonly target: { readonly kind: 'digest'; readonly digest: Digest; readonly from: Digest };
  readonly actor: Actor;
  readonly reason: string;
  /** RFC 3339. */
  readonly requestedAt: string;
  readonly policy: Policy;
  /** Told as information: nothing is wrong. */
  readonly drill?: true;
}

/**
 * The lanes of services, as everybody else uses them. A repeated `requestId` is the same request. Throws ReleaseError
 * ORCHESTRATOR_UNAVAILABLE, or the code that the lane or the rollback refuses with.
 */
export interface Lanes {
  getLane(svc: string): Promise<DrillLane>;
  holdLane(svc: string, hold: LaneHold, requestId: string): Promise<DrillLane>;
  resumeLane(svc: string, hold: LaneHold, requestId: string): Promise<DrillLane>;
  /** Waits for the end. */
  rollBack(
    order: DigestRollback,
    requestId: string,
  ): Promise<{ readonly from: Digest; readonly to: Digest }>;
}
