import type { Digest } from '../digest';

/** Why an item goes. Each has its sentence and its source in docs/gc.md. */
export type GcRule =
  /** A tag whose digest is past the window of the furthest environment it reached. */
  | 'window-passed'
  /** A tag of a digest that no environment ever had, without activity for the window. */
  | 'inactive'
  /** A manifest that no kept tag, root, index or subject leads to, past its grace. */
  | 'unreferenced'
  /** A referrer whose subject goes, or is gone. */
  | 'orphaned-referrer'
  /** A fallback tag (`sha256-HEX…`) whose subject goes, or is gone. */
  | 'orphaned-fallback-tag';

export type Evidence = Readonly<Record<string, string | number | null>>;

/** One delete. A manifest item is of one repository; other repositories that hold the digest have items of their own. */
export interface PlanItem {
  /**
   * 0, 1, …: the order of execution, repository by repository: an index before its children, a subject before what is attached to
   * it, and a tag right before the manifest that it points at, or at the end of its repository if that stays.
   */
  readonly ordinal: number;
  readonly kind: 'tag' | 'manifest';
  readonly repository: string;
  /** Of a tag: null for a manifest. */
  readonly tag: string | null;
  /** What the tag must still point at, or the manifest itself. */
  readonly digest: Digest;
  readonly rule: GcRule;
  /** Plain facts behind the rule, times as RFC 3339. */
  readonly evidence: Evidence;
  /** What comes free by this item, if all before it are done: blobs and manifest that nothing else needs. The sum is the plan's. */
  readonly bytes: number;
}

export interface BudgetBreach {
  readonly rule: 'repository-share' | 'bytes' | 'items' | 'last-releases' | 'event-gap' | 'sources';
  readonly repository: string | null;
  readonly found: number;
  readonly limit: number;
  /** A sentence for people. */
  readonly why: string;
}

export interface PlanTotals {
  readonly repositories: number;
  readonly manifests: number;
  readonly tags: number;
  /** Different ones, manifests not among them. */
  readonly blobs: number;
  readonly deleteTags: number;
  readonly deleteManifests: number;
  readonly freeBlobs: number;
  readonly freeBytes: number;
  /** Blobs that no manifest names, such as of broken-off pushes: a reclaim frees them whatever the plan says. Not in `freeBytes`. */
  readonly orphanBlobs: number;
  readonly orphanBytes: number;
}

/** All of a plan but its items; what people approve. */
export interface PlanHeader {
  /** `gc-` and the first 32 hex digits of the SHA-256 over scope, policy, time and all items in order. */
  readonly id: string;
  /** One repository, or null for all. */
  readonly repository: string | null;
  readonly policyHash: string;
  /** RFC 3339, when the inventory was read. */
  readonly madeAt: string;
  /** RFC 3339; not executed after that. */
  readonly expiresAt: string;
  readonly totals: PlanTotals;
  /** Non-empty: needs an approval with a reason. */
  readonly breaches: readonly BudgetBreach[];
  /** Kept because something was not known, a sentence each; at most 100, with the count of all. */
  readonly unknown: readonly string[];
  readonly unknownCount: number;
}

export interface GcPlan extends PlanHeader {
  readonly items: readonly PlanItem[];
}
