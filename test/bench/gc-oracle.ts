import type { Digest } from '../../src/domain/digest';

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
  kept: boolean;
}

export interface OracleBuilder {
  tag(repository: string, tag: string, kept: boolean): void;
  /** A manifest with the blobs and children it names. */
  manifest(
    where: { readonly repository: string; readonly digest: Digest; readonly size: number },
    blobs: readonly { readonly digest: Digest; readonly size: number }[],
    kept: boolean,
  ): void;
  build(): Oracle;
}

export function createOracle(): OracleBuilder {
  const gone = new Set<string>();
  /** Of what some gone manifest names; what is kept by all its users never comes here if it is unique to one. */
  const contents = new Map<Digest, Content>();
  const counts = { manifests: 0, tags: 0, edges: 0 };

  function use(digest: Digest, size: number, kept: boolean): void {
    const known = contents.get(digest);
    if (!known) contents.set(digest, { size, kept });
    else if (kept) known.kept = true;
  }

  return {
    tag: (repository, tag, kept) => {
      counts.tags += 1;
      if (!kept) gone.add(`${repository}:${tag}`);
    },
    manifest: ({ repository, digest, size }, blobs, kept) => {
      counts.manifests += 1;
      counts.edges += blobs.length;
      if (!kept) gone.add(`${repository}@${digest}`);
      use(digest, size, kept);
      for (const blob of blobs) use(blob.digest, blob.size, kept);
    },
    build: () => {
      let freeBytes = 0;
      for (const { size, kept } of contents.values()) if (!kept) freeBytes += size;
      return { gone, freeBytes, ...counts };
    },
  };
}
