import type {
  GcBlob,
  GcEdge,
  GcManifest,
  GcTag,
  InventoryGap,
} from '../../../src/domain/gc/inventory';
import { GraphBuilder } from '../../../src/domain/gc/builder';
import type { GcGraph } from '../../../src/domain/gc/graph';

/** A whole inventory as rows, for what is small. */
export interface InventoryRows {
  readonly manifests: readonly GcManifest[];
  readonly edges: readonly GcEdge[];
  readonly tags: readonly GcTag[];
  readonly blobs: readonly GcBlob[];
  readonly gaps: readonly InventoryGap[];
}

export function graphOf(rows: InventoryRows): GcGraph {
  const builder = new GraphBuilder();
  for (const row of rows.manifests) builder.manifest(row);
  for (const row of rows.edges) builder.edge(row);
  for (const row of rows.tags) builder.tag(row);
  for (const row of rows.blobs) builder.blob(row);
  for (const gap of rows.gaps) builder.unknown(gap);
  return builder.build();
}

/** The same rows last first, and kind by kind the other way round. */
export function graphBackwards(rows: InventoryRows): GcGraph {
  const builder = new GraphBuilder();
  for (const gap of rows.gaps.toReversed()) builder.unknown(gap);
  for (const row of rows.blobs.toReversed()) builder.blob(row);
  for (const row of rows.tags.toReversed()) builder.tag(row);
  for (const row of rows.edges.toReversed()) builder.edge(row);
  for (const row of rows.manifests.toReversed()) builder.manifest(row);
  return builder.build();
}
