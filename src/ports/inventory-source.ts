import type { InventorySink } from '../domain/gc/inventory';

export interface InventoryCounts {
  readonly repositories: number;
  readonly manifests: number;
  readonly edges: number;
  readonly tags: number;
  readonly blobs: number;
  /** Gaps that were told to the sink. */
  readonly unknown: number;
}

/** How far the inventory may be believed. Times are ms since the epoch; null: not known. */
export interface InventoryFacts {
  readonly counts: InventoryCounts;
  /** What it says was so then, all of it for a snapshot; a scan takes a while and begins then. */
  readonly readAtMs: number;
  /** Until when the gateway recorded pushes, reads and deletes, or had none to record. */
  readonly lastRecordedAtMs: number | null;
  /** When a reconcile last had walked all of the registry. */
  readonly lastReconciledAtMs: number | null;
}

/** For sources that go repository by repository, in the same order each time. */
export interface ReadProgress {
  /** Leaves out all up to and including this one: what an earlier read told before it ended. */
  readonly after?: string;
  /** All repositories up to this one are told; the read goes on when it is done with that. */
  readonly onRepository?: (repository: string) => void | Promise<void>;
}

/**
 * Where the inventory of a clean-up comes from: the record that the gateway keeps, or the registry itself. What can't be
 * read is told as a gap; the read throws only when it can't go on: LEDGER_UNAVAILABLE or REGISTRY_UNAVAILABLE.
 */
export interface InventorySource {
  read(sink: InventorySink, signal: AbortSignal, progress?: ReadProgress): Promise<InventoryFacts>;
}
