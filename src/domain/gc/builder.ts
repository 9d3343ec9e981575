import type { Digest } from '../digest';
import { isPrereleaseTag } from '../registry/tag-rules';
import { attachedTo } from './attached-tag';
import { assembleGraph } from './assemble';
import { addUnknownNode, type Collected } from './collected';
import { DigestTable } from './digest-table';
import { NODE, type GcGraph } from './graph';
import type {
  GcBlob,
  GcEdge,
  GcManifest,
  GcTag,
  InventoryGap,
  InventorySink,
  NumberedSink,
} from './inventory';
import { RepositoryNames, TagNames } from './names';
import { NodeTable } from './node-table';
import { Floats, Ints } from './typed';

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

  readonly numbered: NumberedSink = {
    repository: (name) => this.seen.repositories.add(name),
    digest: (bytes, at, likely) => this.numberOf(this.seen.digests.addHex(bytes, at, likely)),
    manifest: (repository, digest, size, subject, pushedAtMs, lastPulledAtMs, isPending) => {
      const { seen } = this;
      const node = this.nodeOf(repository, digest);
      const flags = seen.flags.at(node) | NODE.present | (isPending ? NODE.pending : 0);
      seen.flags.set(node, flags);
      seen.pushedAt.set(node, pushedAtMs);
      seen.pulledAt.set(node, lastPulledAtMs);
      seen.subject.set(node, subject);
      this.measured(digest, size);
    },
    edge: (repository, parent, isChild, child, bytes) => {
      const { named, children, sizes } = this.seen;
      named.to.push(child);
      const position = named.from.push(this.nodeOf(repository, parent));
      if (isChild) children.push(position);
      const size = sizes.at(child);
      // What a manifest says of a blob counts only where nobody measured it. Of several the smaller: no more is promised than comes.
      if (!(size >= 0))
        sizes.set(child, Number.isNaN(size) ? -1 - bytes : Math.max(size, -1 - bytes));
    },
    tag: (repository, name, digest, pushedAtMs, lastPulledAtMs) => {
      const { tags } = this.seen;
      const subject = attachedTo(name);
      tags.names.add(name);
      tags.node.push(this.nodeOf(repository, digest));
      tags.pushedAt.push(pushedAtMs);
      tags.pulledAt.push(lastPulledAtMs);
      tags.subject.push(subject === null ? -1 : this.digestOf(subject));
      // Asked of few: it reads the whole tag.
      const isPrerelease = subject === null && name.includes('-') && isPrereleaseTag(name);
      tags.prerelease.push(isPrerelease ? 1 : 0);
    },
    blob: (repository, digest, size) => {
      const { held } = this.seen;
      held.repository.push(repository);
      held.digest.push(digest);
      this.measured(digest, size);
    },
  };
  /** Rows of one manifest mostly come one after the other. */
  private readonly last = { repository: -1, digest: -1, node: -1 };

  manifest(row: GcManifest): void {
    this.numbered.manifest(
      this.seen.repositories.add(row.repository),
      this.digestOf(row.digest),
      row.size,
      row.subject === null ? -1 : this.digestOf(row.subject),
      row.pushedAtMs ?? NaN,
      row.lastPulledAtMs ?? NaN,
      row.pending,
    );
  }

  edge(row: GcEdge): void {
    this.numbered.edge(
      this.seen.repositories.add(row.repository),
      this.digestOf(row.parent),
      row.kind === 'child',
      this.digestOf(row.child),
      row.size,
    );
  }

  tag(row: GcTag): void {
    this.numbered.tag(
      this.seen.repositories.add(row.repository),
      row.tag,
      this.digestOf(row.digest),
      row.pushedAtMs ?? NaN,
      row.lastPulledAtMs ?? NaN,
    );
  }

  blob(row: GcBlob): void {
    const repository = this.seen.repositories.add(row.repository);
    this.numbered.blob(repository, this.digestOf(row.digest), row.size);
  }

  unknown(gap: InventoryGap): void {
    const { gaps, flags, repositories } = this.seen;
    gaps.push(gap);
    if (gap.repository === null) return;
    const repository = repositories.add(gap.repository);
    if (gap.digest === null) return;
    const node = this.nodeOf(repository, this.digestOf(gap.digest));
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
    return this.numberOf(this.seen.digests.add(digest));
  }

  private numberOf(id: number): number {
    const { sizes } = this.seen;
    if (id === sizes.length) sizes.push(NaN);
    return id;
  }

  private nodeOf(repository: number, digest: number): number {
    const { seen, last } = this;
    if (last.digest === digest && last.repository === repository) return last.node;
    // What a manifest names is told in the order of the manifests.
    const node = seen.nodes.add(repository, digest, last.node + 1);
    if (node === seen.flags.length) addUnknownNode(seen);
    last.repository = repository;
    last.digest = digest;
    last.node = node;
    return node;
  }
}
