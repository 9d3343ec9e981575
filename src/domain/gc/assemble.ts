import { adjacencyOf, reversed, type Adjacency } from './adjacency';
import type { Collected } from './builder';
import { NODE, type GcGraph } from './graph';
import { add, byte, float, int, Ints } from './typed';

export function assembleGraph(seen: Collected): GcGraph {
  const { repositories, digests, nodes, tags } = seen;
  const flags = seen.flags.done();
  const named = adjacencyOf(nodes.length, seen.named.from, seen.named.to);
  const children = childrenOf(seen, flags);
  const { attached, strayed } = attachedOf(seen, flags);
  const sizes = sizesOf(seen);
  const gaps = gapsOf(seen);
  const references = referencesOf(seen, named, gaps.repository);
  const nodesOfDigest = groupBy(digests.length, nodes.digests);
  return {
    repositories,
    digests,
    nodes,
    node: {
      flags,
      pushedAt: seen.pushedAt.done(),
      pulledAt: seen.pulledAt.done(),
      subject: seen.subject.done(),
    },
    tag: {
      names: tags.names,
      node: tags.node.done(),
      pushedAt: tags.pushedAt.done(),
      pulledAt: tags.pulledAt.done(),
      subject: tags.subject.done(),
      prerelease: tags.prerelease.done(),
    },
    sizes,
    references,
    named,
    children,
    parents: reversed(children, nodes.length),
    attached,
    subjects: reversed(attached, nodes.length),
    strayed,
    tagsOfNode: groupBy(nodes.length, tags.node),
    tagsOfRepository: groupBy(repositories.length, repositoriesOfTags(seen)),
    nodesOfDigest,
    gaps,
    counts: countsOf({ seen, flags, sizes, references, nodesOfDigest }),
  };
}

/** Those whose group is `0`, then those of `1`, and so on. */
function groupBy(groups: number, groupOf: Ints): Adjacency {
  const members = new Ints();
  for (let member = 0; member < groupOf.length; member++) members.push(member);
  return adjacencyOf(groups, groupOf, members);
}

function repositoriesOfTags({ nodes, tags }: Collected): Ints {
  const repositories = new Ints();
  for (let tag = 0; tag < tags.node.length; tag++) {
    repositories.push(nodes.repositories.at(tags.node.at(tag)));
  }
  return repositories;
}

/** Marks the nodes that name a child of which the repository has no manifest. */
function childrenOf({ nodes, named, children }: Collected, flags: Int32Array): Adjacency {
  const from = new Ints();
  const to = new Ints();
  for (let at = 0; at < children.length; at++) {
    const parent = named.from.at(children.at(at));
    const child = nodes.get(nodes.repositories.at(parent), named.to.at(children.at(at)));
    if (child < 0 || (int(flags, child) & NODE.present) === 0) {
      flags[parent] = int(flags, parent) | NODE.childMissing;
    }
    if (child >= 0) {
      from.push(parent);
      to.push(child);
    }
  }
  return adjacencyOf(nodes.length, from, to);
}

function attachedOf(
  { nodes, subject, tags }: Collected,
  flags: Int32Array,
): Pick<GcGraph, 'attached' | 'strayed'> {
  const from = new Ints();
  const to = new Ints();
  const strayed = new Map<number, number[]>();
  const attach = (digest: number, node: number): void => {
    const found = nodes.get(nodes.repositories.at(node), digest);
    if (found >= 0 && (int(flags, found) & NODE.present) !== 0) {
      from.push(found);
      to.push(node);
      return;
    }
    const others = strayed.get(digest);
    if (others) others.push(node);
    else strayed.set(digest, [node]);
  };
  for (let node = 0; node < nodes.length; node++) {
    if (subject.at(node) >= 0) attach(subject.at(node), node);
  }
  for (let tag = 0; tag < tags.node.length; tag++) {
    if (tags.subject.at(tag) >= 0) attach(tags.subject.at(tag), tags.node.at(tag));
  }
  return { attached: adjacencyOf(nodes.length, from, to), strayed };
}

function sizesOf({ sizes }: Collected): Float64Array {
  const known = sizes.done();
  for (let digest = 0; digest < known.length; digest++) {
    const size = float(known, digest);
    if (Number.isNaN(size)) known[digest] = 0;
    else if (size < 0) known[digest] = -1 - size;
  }
  return known;
}

function gapsOf({ gaps, repositories }: Collected): GcGraph['gaps'] {
  const registry: string[] = [];
  const repository = new Map<number, string>();
  const manifests = new Map<number, string>();
  for (const gap of gaps) {
    if (gap.repository === null) {
      registry.push(gap.reason);
    } else if (gap.digest === null) {
      repository.set(repositories.get(gap.repository), `${gap.repository}: ${gap.reason}`);
    } else {
      const sentence = `${gap.repository}@${gap.digest}: ${gap.reason}`;
      manifests.set(repositories.get(gap.repository), sentence);
    }
  }
  return { registry, repository, manifests };
}

/** In a repository that could not be read whole, every blob counts as named: by what was not seen. */
function referencesOf(
  { digests, nodes, held }: Collected,
  { targets }: Adjacency,
  unread: ReadonlyMap<number, string>,
): Int32Array {
  const references = new Int32Array(digests.length);
  for (let node = 0; node < nodes.length; node++) add(references, nodes.digests.at(node), 1);
  for (let edge = 0; edge < targets.length; edge++) add(references, int(targets, edge), 1);
  for (let row = 0; unread.size > 0 && row < held.digest.length; row++) {
    if (unread.has(held.repository.at(row))) add(references, held.digest.at(row), 1);
  }
  return references;
}

interface Countable {
  readonly seen: Collected;
  readonly flags: Int32Array;
  readonly sizes: Float64Array;
  readonly references: Int32Array;
  readonly nodesOfDigest: Adjacency;
}

function countsOf({ seen, flags, sizes, references, nodesOfDigest }: Countable): GcGraph['counts'] {
  const { repositories, nodes, held, named } = seen;
  const manifestsOf = new Int32Array(repositories.length);
  let manifests = 0;
  for (let node = 0; node < nodes.length; node++) {
    if ((int(flags, node) & NODE.present) === 0) continue;
    add(manifestsOf, nodes.repositories.at(node), 1);
    manifests++;
  }
  const counted = new Uint8Array(sizes.length);
  let [blobs, orphanBlobs, orphanBytes] = [0, 0, 0];
  const count = (digest: number): void => {
    const isManifest = int(nodesOfDigest.starts, digest) < int(nodesOfDigest.starts, digest + 1);
    if (byte(counted, digest) !== 0 || isManifest) return;
    counted[digest] = 1;
    blobs++;
    if (int(references, digest) > 0) return;
    orphanBlobs++;
    orphanBytes += float(sizes, digest);
  };
  for (let row = 0; row < held.digest.length; row++) count(held.digest.at(row));
  for (let edge = 0; edge < named.to.length; edge++) count(named.to.at(edge));
  return { manifests, blobs, orphanBlobs, orphanBytes, manifestsOf };
}
