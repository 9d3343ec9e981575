import type { WormOrder } from '../src/domain/worm/manifest';
import type { Deps } from './deps';
import { copyWormObjects, openWormCopy } from './worm-copy';
import { endWormExtend, extendWormSlice } from './worm-extend';
import { endWormRestore, restoreWormSlice } from './worm-restore';
import { sealWormCopy } from './worm-seal';
import { verifyWormSlice } from './worm-verify';

export type WormDeps = Pick<
  Deps,
  | 'worm'
  | 'wormCopies'
  | 'content'
  | 'backend'
  | 'inventory'
  | 'quarantine'
  | 'allowList'
  | 'ledger'
  | 'now'
>;

export interface WormSize {
  readonly objects: number;
  readonly bytes: number;
}

export interface CopySliceInput {
  readonly id: string;
  /** Contents at most. */
  readonly limit: number;
}

export interface CopySliceResult {
  /** Contents that are not there yet. */
  readonly left: number;
}

/** Some contents of a copy, by their place in its manifest. */
export interface WormSlice {
  readonly id: string;
  readonly from: number;
  readonly limit: number;
}

export interface SliceResult {
  /** The `from` of the next slice; null = this was the last. */
  readonly next: number | null;
}

export interface VerifySliceResult extends SliceResult {
  readonly checked: number;
  readonly problems: readonly string[];
}

export interface ExtendSliceInput extends WormSlice {
  readonly until: string;
}

export interface EndExtendInput {
  readonly id: string;
  readonly until: string;
  readonly by: string;
  readonly at: string;
}

export interface RestoreSliceInput extends WormSlice {
  /** Null: where it was. */
  readonly repository: string | null;
}

export interface EndRestoreInput {
  readonly id: string;
  readonly repository: string | null;
  readonly tags: boolean;
}

export interface RestoreResult {
  readonly repository: string;
  readonly tags: readonly string[];
  /** Point at something else by now. */
  readonly tagsTaken: readonly string[];
  readonly missing: readonly string[];
}

/**
 * Each can be tried again after any end: what is stored stays, and is found. Throw WORM_UNAVAILABLE and WORM_REFUSED, and
 * WORM_CORRUPT when what is read back is not what it should be.
 */
export interface WormActivities {
  /** Holds the digest in the registry and lists all that belongs to it. */
  openWormCopy(input: { readonly order: WormOrder }): Promise<WormSize>;
  copyWormObjects(input: CopySliceInput): Promise<CopySliceResult>;
  sealWormCopy(input: { readonly id: string }): Promise<WormSize>;
  /** The order too: the copy may not be on record yet. */
  giveUpWormCopy(input: { readonly order: WormOrder; readonly problem: string }): Promise<void>;
  verifyWormSlice(input: WormSlice): Promise<VerifySliceResult>;
  endWormVerify(input: {
    readonly id: string;
    readonly problems: readonly string[];
  }): Promise<void>;
  extendWormSlice(input: ExtendSliceInput): Promise<SliceResult>;
  endWormExtend(input: EndExtendInput): Promise<void>;
  restoreWormSlice(input: RestoreSliceInput): Promise<SliceResult>;
  endWormRestore(input: EndRestoreInput): Promise<RestoreResult>;
}

export function createWormActivities(deps: WormDeps): WormActivities {
  return {
    openWormCopy: ({ order }) => openWormCopy(deps, order),
    copyWormObjects: (input) => copyWormObjects(deps, input),
    sealWormCopy: ({ id }) => sealWormCopy(deps, id),
    giveUpWormCopy: async ({ order, problem }) => {
      await deps.wormCopies.begin(order);
      await deps.wormCopies.giveUp(order.id, problem);
    },
    verifyWormSlice: (input) => verifyWormSlice(deps, input),
    endWormVerify: ({ id, problems }) =>
      deps.wormCopies.verified(id, deps.now().toISOString(), problems),
    extendWormSlice: (input) => extendWormSlice(deps, input),
    endWormExtend: (input) => endWormExtend(deps, input),
    restoreWormSlice: (input) => restoreWormSlice(deps, input),
    endWormRestore: (input) => endWormRestore(deps, input),
  };
}
