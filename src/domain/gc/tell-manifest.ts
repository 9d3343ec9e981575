import { edgesOf, type ManifestFacts } from '../registry/manifest-facts';
import type { GcManifest, InventorySink } from './inventory';

export type Pushed = Pick<GcManifest, 'repository' | 'pushedAtMs' | 'lastPulledAtMs'>;

/** Tells a manifest as it was read, with all that it names; returns how many edges that were. */
export function tellManifest(sink: InventorySink, facts: ManifestFacts, pushed: Pushed): number {
  const { digest, mediaType, artifactType, size, subject } = facts;
  sink.manifest({ ...pushed, digest, mediaType, artifactType, size, subject, pending: false });
  const edges = edgesOf(facts);
  for (const { kind, digest: child, size: bytes } of edges) {
    sink.edge({ repository: pushed.repository, parent: digest, kind, child, size: bytes });
  }
  return edges.length;
}
