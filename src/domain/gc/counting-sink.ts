import type { GcBlob, GcEdge, GcManifest, GcTag, InventoryGap, InventorySink } from './inventory';

export interface SinkCounts {
  readonly repositories: number;
  readonly manifests: number;
  readonly edges: number;
  readonly tags: number;
  readonly blobs: number;
  readonly unknown: number;
}

export interface CountingSink extends InventorySink {
  /** A repository that was read to its end, whatever it held. */
  repositoryRead(): void;
  counts(): SinkCounts;
}

/** Passes all on to `sink`, and counts it. */
export function countingSink(sink: InventorySink): CountingSink {
  const counts = { repositories: 0, manifests: 0, edges: 0, tags: 0, blobs: 0, unknown: 0 };
  return {
    manifest: (row: GcManifest) => {
      counts.manifests += 1;
      sink.manifest(row);
    },
    edge: (row: GcEdge) => {
      counts.edges += 1;
      sink.edge(row);
    },
    tag: (row: GcTag) => {
      counts.tags += 1;
      sink.tag(row);
    },
    blob: (row: GcBlob) => {
      counts.blobs += 1;
      sink.blob(row);
    },
    unknown: (gap: InventoryGap) => {
      counts.unknown += 1;
      sink.unknown(gap);
    },
    repositoryRead: () => {
      counts.repositories += 1;
    },
    counts: () => ({ ...counts }),
  };
}
