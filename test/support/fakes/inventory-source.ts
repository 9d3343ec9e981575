import type { InventorySink } from '../../../src/domain/gc/inventory';
import type { InventoryFacts, InventorySource } from '../../../src/ports/inventory-source';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeInventorySource extends InventorySource, CallFaults {
  /** Tells the rows; replaced by tests. */
  readonly store: { tell: (sink: InventorySink) => void; facts: InventoryFacts };
}

/** An inventory that a test tells row by row. */
export function createFakeInventorySource(readAtMs: number): FakeInventorySource {
  const counts = { repositories: 1, manifests: 1, edges: 0, tags: 0, blobs: 0, unknown: 0 };
  const store: FakeInventorySource['store'] = {
    tell: () => undefined,
    facts: { counts, readAtMs, lastRecordedAtMs: readAtMs, lastReconciledAtMs: null },
  };
  return withCallFaults({
    store,
    read: (sink: InventorySink) => {
      store.tell(sink);
      return Promise.resolve(store.facts);
    },
  });
}
