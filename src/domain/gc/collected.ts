import type { DigestTable } from './digest-table';
import type { InventoryGap } from './inventory';
import type { RepositoryNames, TagNames } from './names';
import type { NodeTable } from './node-table';
import type { Floats, Ints } from './typed';

/** What the rows said, until the graph is put together. */
export interface Collected {
  readonly repositories: RepositoryNames;
  readonly digests: DigestTable;
  readonly nodes: NodeTable;
  readonly flags: Ints;
  readonly pushedAt: Floats;
  readonly pulledAt: Floats;
  readonly subject: Ints;
  /** By digest: bytes as a blob or manifest row says; below 0 as an edge says it, -1 - bytes; NaN when none does. */
  readonly sizes: Floats;
  readonly named: { readonly from: Ints; readonly to: Ints };
  /** Positions in `named` of those that are children. */
  readonly children: Ints;
  readonly held: { readonly repository: Ints; readonly digest: Ints };
  readonly tags: {
    readonly names: TagNames;
    readonly node: Ints;
    readonly pushedAt: Floats;
    readonly pulledAt: Floats;
    readonly subject: Ints;
    readonly prerelease: Ints;
  };
  readonly gaps: InventoryGap[];
}

/** The newest node of the table, of which nothing is known but that something names it. */
export function addUnknownNode({ flags, pushedAt, pulledAt, subject }: Collected): void {
  flags.push(0);
  pushedAt.push(NaN);
  pulledAt.push(NaN);
  subject.push(-1);
}
