import type { Adjacency } from './adjacency';
import type { GcGraph } from './graph';
import { byte, int } from './typed';

/** How strongly a node is kept; the stronger says more of what it belongs to. */
export const KEPT = {
  no: 0,
  /** By another: it keeps what it names, and all that is attached to it. */
  through: 1,
  /** In its own right, such as by a tag: what it is attached to stays too. */
  itself: 2,
  /** By a root: the indexes that name it stay too, since signatures hang on them. */
  root: 3,
} as const;

/** What led to a node, for `explain`. `from` of the first four is a node. */
export const LED_BY = {
  index: 1,
  subject: 2,
  child: 3,
  referrer: 4,
  /** `from` is the position of the root. */
  root: 5,
  /** `from` is the tag. */
  tag: 6,
  /** `from` is a ManifestCause. */
  itself: 7,
} as const;

/** Marks what is kept. The outcome does not depend on the order of the seeds. */
export class Reachability {
  readonly kept: Uint8Array;
  readonly ledBy: Uint8Array;
  readonly from: Int32Array;
  private readonly graph: GcGraph;
  private stack = new Int32Array(16);
  private height = 0;

  constructor(graph: GcGraph) {
    this.graph = graph;
    this.kept = new Uint8Array(graph.nodes.length);
    this.ledBy = new Uint8Array(graph.nodes.length);
    this.from = new Int32Array(graph.nodes.length);
  }

  /** Keeps a node and all that follows from it. */
  seed(node: number, strength: number, ledBy: number, from: number): void {
    this.raise(node, strength, ledBy, from);
    while (this.height > 0) this.spread(int(this.stack, --this.height));
  }

  /** Whether the digest is kept in any repository. */
  keepsDigest(digest: number): boolean {
    const { starts, targets } = this.graph.nodesOfDigest;
    for (let at = int(starts, digest); at < int(starts, digest + 1); at++) {
      if (byte(this.kept, int(targets, at)) !== KEPT.no) return true;
    }
    return false;
  }

  private spread(node: number): void {
    const { graph } = this;
    const strength = byte(this.kept, node);
    this.along(graph.children, node, KEPT.through, LED_BY.index);
    this.along(graph.attached, node, KEPT.through, LED_BY.subject);
    if (graph.strayed.size > 0) {
      for (const attached of graph.strayed.get(graph.nodes.digests.at(node)) ?? []) {
        this.raise(attached, KEPT.through, LED_BY.subject, node);
      }
    }
    if (strength >= KEPT.itself) this.along(graph.subjects, node, strength, LED_BY.referrer);
    if (strength >= KEPT.root) this.along(graph.parents, node, strength, LED_BY.child);
  }

  private along(
    { starts, targets }: Adjacency,
    node: number,
    strength: number,
    ledBy: number,
  ): void {
    const end = int(starts, node + 1);
    for (let at = int(starts, node); at < end; at++) {
      this.raise(int(targets, at), strength, ledBy, node);
    }
  }

  private raise(node: number, strength: number, ledBy: number, from: number): void {
    if (byte(this.kept, node) >= strength) return;
    this.kept[node] = strength;
    this.ledBy[node] = ledBy;
    this.from[node] = from;
    if (this.height === this.stack.length) {
      const grown = new Int32Array(this.height * 2);
      grown.set(this.stack);
      this.stack = grown;
    }
    this.stack[this.height++] = node;
  }
}
