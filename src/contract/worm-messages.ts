import type { WormOrder } from '../domain/worm/manifest';

/** Argument of wormHoldWorkflow. */
export interface WormHoldInput {
  readonly order: WormOrder;
}

/** Result of wormHoldWorkflow: what there is in the store, or why there is none. */
export type WormHoldResult =
  | { readonly state: 'held'; readonly objects: number; readonly bytes: number }
  | { readonly state: 'failed'; readonly problem: string };

/** Argument of wormVerifyWorkflow. `state` is set by continue-as-new only. */
export interface WormVerifyInput {
  readonly id: string;
  readonly state?: { readonly from: number; readonly problems: readonly string[] };
}

export interface WormVerifyResult {
  /** Contents that were read back. */
  readonly checked: number;
  /** One sentence for each that is not what it was, at most 100. */
  readonly problems: readonly string[];
}

/** Argument of wormExtendWorkflow. `state` is set by continue-as-new only. */
export interface WormExtendInput {
  readonly id: string;
  /** RFC 3339; later than the lock that there is. */
  readonly until: string;
  readonly by: string;
  readonly at: string;
  readonly state?: { readonly from: number };
}

/** Argument of wormRestoreWorkflow. `state` is set by continue-as-new only. */
export interface WormRestoreInput {
  readonly id: string;
  /** Null: where it was. */
  readonly repository: string | null;
  /** Gives tags back that pointed at it there. */
  readonly tags: boolean;
  readonly by: string;
  readonly at: string;
  readonly state?: { readonly from: number };
}

export interface WormRestoreResult {
  readonly repository: string;
  readonly tags: readonly string[];
  /** Point at something else by now. */
  readonly tagsTaken: readonly string[];
  /** Of the closure, what the registry lacks afterwards. */
  readonly missing: readonly string[];
}
