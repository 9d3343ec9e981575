import type { Digest } from './digest';

/** Why services are rebuilt: newer bases each month, or an advisory that can't wait. */
export type RollupCause =
  | { readonly kind: 'monthly' }
  | { readonly kind: 'asked'; readonly by: string; readonly reason: string }
  | {
      readonly kind: 'emergency';
      readonly advisory: string;
      /** Absent when no person did. */
      readonly by?: string;
    };

/** The person who asked, whose own approval counts for nothing of it; null where the system did. */
export function askedBy(cause: RollupCause): string | null {
  return cause.kind === 'monthly' ? null : (cause.by ?? null);
}

/** What becomes of one service in a rollup. */
export type RollupItemState =
  | 'waiting'
  | 'building'
  | 'promoting'
  | 'released'
  /** Its rebuild has the very content that is stable already. */
  | 'unchanged'
  | 'failed'
  /** Held by the stop condition, a freeze that outlasts the rollup, or a hold of its lane. */
  | 'held'
  | 'opted-out'
  | 'not-rebuildable';

export interface RollupItem {
  readonly svc: string;
  /** `prod:stable` when it was planned: what is rebuilt. */
  readonly digest: Digest;
  readonly wave: number;
  readonly state: RollupItemState;
  readonly reason: string;
  readonly releaseId: string | null;
}
