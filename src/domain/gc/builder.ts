import type { Digest } from '../digest';
import { isPrereleaseTag } from '../registry/tag-rules';
import { attachedTo } from './attached-tag';
import { assembleGraph } from './assemble';
import { DigestTable } from './digest-table';
import { NODE, type GcGraph } from './graph';
import type { GcBlob, GcEdge, GcManifest, GcTag, InventoryGap, InventorySink } from './inventory';
import { RepositoryNames, TagNames } from './names';
import { NodeTable } from './node-table';
import { Floats, Ints } from './typed';

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

/** Takes an inventory and makes a graph of it, without an object a row. */
export class GraphBuilder implements InventorySink {
  private readonly seen: Collected = {
    repositories: new RepositoryNames(),
    digests: new DigestTable(),
    nodes: new NodeTable(),
    flags: new Ints(),
    pushedAt: new Floats(),
    pulledAt: new Floats(),
    subject: new Ints(),
    sizes: new Floats(),
    named: { from: new Ints(), to: new Ints() },
    children: new Ints(),
    held: { repository: new Ints(), digest: new Ints() },
    tags: {
      names: new TagNames(),
      node: new Ints(),
      pushedAt: new Floats(),
      pulledAt: new Floats(),
      subject: new Ints(),
      prerelease: new Ints(),
    },
    gaps: [],
  };

  /** Rows of one manifest mostly come one after the other. */
  private last = { repository: '', digest: '', node: -1 };

  manifest(row: GcManifest): void {
    const { seen } = this;
    const node = this.nodeOf(row.repository, row.digest);
    const flags = seen.flags.at(node) | NODE.present | (row.pending ? NODE.pending : 0);
    seen.flags.set(node, flags);
    seen.pushedAt.set(node, row.pushedAtMs ?? NaN);
    seen.pulledAt.set(node, row.lastPulledAtMs ?? NaN);
    seen.subject.set(node, row.subject === null ? -1 : this.digestOf(row.subject));
    this.measured(seen.nodes.digests.at(node), row.size);
  }

  edge(row: GcEdge): void {
    const { named, children, sizes } = this.seen;
    const parent = this.nodeOf(row.repository, row.parent);
    const child = this.digestOf(row.child);
    named.to.push(child);
    const position = named.from.push(parent);
    if (row.kind === 'child') children.push(position);
    const size = sizes.at(child);
    // What a manifest says of a blob counts only where nobody measured it. Of several the smaller: no more is promised than comes.
    if (!(size >= 0))
      sizes.set(child, Number.isNaN(size) ? -1 - row.size : Math.max(size, -1 - row.size));
  }

  tag(row: GcTag): void {
    const { tags } = this.seen;
    const subject = attachedTo(row.tag);
    tags.names.add(row.tag);
    tags.node.push(this.nodeOf(row.repository, row.digest));
    tags.pushedAt.push(row.pushedAtMs ?? NaN);
    tags.pulledAt.push(row.lastPulledAtMs ?? NaN);
    tags.subject.push(subject === null ? -1 : this.digestOf(subject));
    // Asked of few: it reads the whole tag.
    const isPrerelease = subject === null && row.tag.includes('-') && isPrereleaseTag(row.tag);
    tags.prerelease.push(isPrerelease ? 1 : 0);
  }

  blob(row: GcBlob): void {
    const { held, repositories } = this.seen;
    const digest = this.digestOf(row.digest);
    held.repository.push(repositories.add(row.repository));
    held.digest.push(digest);
    this.measured(digest, row.size);
  }

  unknown(gap: InventoryGap): void {
    const { gaps, flags, repositories } = this.seen;
    gaps.push(gap);
    if (gap.repository === null) return;
    repositories.add(gap.repository);
    if (gap.digest === null) return;
    const node = this.nodeOf(gap.repository, gap.digest);
    flags.set(node, flags.at(node) | NODE.unread);
  }

  /** Once: what was collected goes into the graph. */
  build(): GcGraph {
    return assembleGraph(this.seen);
  }

  private measured(digest: number, size: number): void {
    const { sizes } = this.seen;
    const known = sizes.at(digest);
    sizes.set(digest, known >= 0 ? Math.min(known, size) : size);
  }

  private digestOf(digest: Digest): number {
    const { digests, sizes } = this.seen;
    const id = digests.add(digest);
    if (id === sizes.length) sizes.push(NaN);
    return id;
  }

  private nodeOf(repository: string, digest: Digest): number {
    const { seen, last } = this;
    if (last.digest === digest && last.repository === repository) return last.node;
    const node = seen.nodes.add(seen.repositories.add(repository), this.digestOf(digest));
    if (node === seen.flags.length) {
      seen.flags.push(0);
      seen.pushedAt.push(NaN);
      seen.pulledAt.push(NaN);
      seen.subject.push(-1);
    }
    this.last = { repository, digest, node };
    return node;
  }
}
