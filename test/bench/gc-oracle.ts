import type { Digest } from '../../src/domain/digest';
import type { InventoryEdge } from '../../src/ports/inventory';

/** What is to go, by how the store was made; nothing of the planner is in here. */
export interface Oracle {
  /** `REPOSITORY:TAG` and `REPOSITORY@DIGEST`. */
  readonly gone: ReadonlySet<string>;
  /** Of manifests and blobs that nothing kept needs, anywhere in the registry. */
  readonly freeBytes: number;
  readonly manifests: number;
  readonly tags: number;
  readonly edges: number;
}

interface Content {
  readonly size: number;
  gone: boolean;
  kept: boolean;
}

export interface OracleBuilder {
  /** Before its first use: one that several manifests of different fates may name. */
  share(blob: { readonly digest: Digest; readonly size: number }): void;
  tag(repository: string, tag: string, kept: boolean): void;
  /** A manifest with what it names. */
  manifest(
    where: { readonly repository: string; readonly digest: Digest; readonly size: number },
    edges: readonly InventoryEdge[],
    kept: boolean,
  ): void;
  build(): Oracle;
}

export function createOracle(): OracleBuilder {
  const gone = new Set<string>();
  const shared = new Map<Digest, Content>();
  let unsharedBytes = 0;
  const counts = { manifests: 0, tags: 0, edges: 0 };

  function use(digest: Digest, size: number, kept: boolean): void {
    const content = shared.get(digest);
    if (!content) unsharedBytes += kept ? 0 : size;
    else if (kept) content.kept = true;
    else content.gone = true;
  }

  return {
    share: ({ digest, size }) => {
      if (!shared.has(digest)) shared.set(digest, { size, gone: false, kept: false });
    },
    tag: (repository, tag, kept) => {
      counts.tags += 1;
      if (!kept) gone.add(`${repository}:${tag}`);
    },
    manifest: ({ repository, digest, size }, edges, kept) => {
      counts.manifests += 1;
      counts.edges += edges.length;
      if (!kept) gone.add(`${repository}@${digest}`);
      use(digest, size, kept);
      // A child is a manifest, and counted as that.
      for (const edge of edges) if (edge.kind !== 'child') use(edge.digest, edge.size, kept);
    },
    build: () => {
      let freeBytes = unsharedBytes;
      for (const { size, gone: isGone, kept } of shared.values()) {
        if (isGone && !kept) freeBytes += size;
      }
      return { gone, freeBytes, ...counts };
    },
  };
}
