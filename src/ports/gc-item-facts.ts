import type { Digest } from '../domain/digest';
import type { PlanItem } from '../domain/gc/plan';
import type { ItemFacts } from '../domain/gc/recheck';

/** What the inventory has of an item, pushes under way included. */
export interface InventoryFacts extends Omit<
  ItemFacts,
  'plannedAtMs' | 'referrers' | 'roots' | 'unknown'
> {
  readonly referrers: readonly {
    readonly digest: Digest;
    readonly pushedAtMs: number | null;
    /** When a tag that is no `sha256-HEX…` was last pointed at it; null when there is none. */
    readonly taggedAtMs: number | null;
  }[];
  /** That the manifest names, when it is an index. */
  readonly children: readonly Digest[];
}

export interface GcItemFacts {
  /** In one snapshot. Throws ReleaseError LEDGER_UNAVAILABLE when it could not find out. */
  read(item: Pick<PlanItem, 'repository' | 'tag' | 'digest'>): Promise<InventoryFacts>;
}
