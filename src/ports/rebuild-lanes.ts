import type { Actor } from '../domain/actor';
import type { Digest } from '../domain/digest';
import type { Service } from '../domain/service';

export interface RebuildOrder {
  readonly service: Service;
  readonly releaseId: string;
  readonly version: string;
  readonly revision: string;
  /** Below the source root. */
  readonly path: string;
  /** RFC 3339. */
  readonly requestedAt: string;
  /** Who asked for the rollup. */
  readonly requestedBy: Actor;
  /** prod:stable, which it renews. */
  readonly of: Digest;
  /** The workflow that is told of its end. */
  readonly rollup: string;
}

export interface BusyLane {
  /** Releases that run or wait. */
  readonly releases: readonly string[];
  /** Why nothing may start; null when it may. */
  readonly closed: string | null;
}

/** Asks the lanes for rebuilds. Throws ReleaseError ORCHESTRATOR_UNAVAILABLE. */
export interface RebuildLanes {
  look(svc: string): Promise<BusyLane>;
  /** The same release id is the same rebuild while it runs or waits. Throws LANE_HELD and LANE_FULL too. */
  submit(order: RebuildOrder): Promise<void>;
}
