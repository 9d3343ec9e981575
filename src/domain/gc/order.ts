import { tagGoes } from './causes';
import { NODE, type GcGraph } from './graph';
import { KEPT } from './reachability';
import type { Settled } from './settle';
import { add, byte, int } from './typed';

/** One delete: a tag, or a manifest; the other is -1. */
export interface Doomed {
  readonly tag: number;
  readonly node: number;
}

export function isDoomed({ question: { graph }, reachability }: Settled, node: number): boolean {
  const isThere = (int(graph.node.flags, node) & NODE.present) !== 0;
  return isThere && byte(reachability.kept, node) === KEPT.no;
}

/** Nodes that go, of one repository or of all. */
function doomedNodes(settled: Settled, repository: number | null): Int32Array {
  const { nodes } = settled.question.graph;
  const doomed = new Int32Array(nodes.length);
  let count = 0;
  for (let node = 0; node < nodes.length; node++) {
    const isInScope = repository === null || nodes.repositories.at(node) === repository;
    if (isInScope && isDoomed(settled, node)) doomed[count++] = node;
  }
  return doomed.subarray(0, count);
}

/** Deletes in the order of execution (PlanItem.ordinal). It is the same in whatever order the inventory came. */
export function* inOrder(settled: Settled, repository: number | null): Generator<Doomed> {
  const { question, tagCauses } = settled;
  const { graph } = question;
  const nodes = doomedNodes(settled, repository);
  const levels = levelsOf(graph, nodes);
  const byRepository = new Map<number, number[]>();
  for (const node of nodes) {
    const id = graph.nodes.repositories.at(node);
    const others = byRepository.get(id);
    if (others) others.push(node);
    else byRepository.set(id, [node]);
  }
  for (const id of repositoriesByName(graph, repository)) {
    const here = byRepository.get(id) ?? [];
    here.sort(
      (a, b) =>
        int(levels, a) - int(levels, b) ||
        graph.digests.compare(graph.nodes.digests.at(a), graph.nodes.digests.at(b)),
    );
    for (const node of here) {
      const { starts, targets } = graph.tagsOfNode;
      const tags = targets.subarray(int(starts, node), int(starts, node + 1));
      for (const tag of byTagName(graph, tags)) yield { tag, node: -1 };
      yield { tag: -1, node };
    }
    const { starts, targets } = graph.tagsOfRepository;
    const rest = targets
      .subarray(int(starts, id), int(starts, id + 1))
      .filter((tag) => tagGoes(byte(tagCauses, tag)) && int(levels, int(graph.tag.node, tag)) < 0);
    for (const tag of byTagName(graph, rest)) yield { tag, node: -1 };
  }
}

function repositoriesByName({ repositories }: GcGraph, only: number | null): readonly number[] {
  if (only !== null) return [only];
  const ids = repositories.texts.map((_, id) => id);
  return ids.sort((a, b) => (repositories.text(a) < repositories.text(b) ? -1 : 1));
}

function byTagName({ tag: { names } }: GcGraph, tags: Int32Array): readonly number[] {
  if (tags.length < 2) return [...tags];
  return [...tags].sort((a, b) => (names.text(a) < names.text(b) ? -1 : 1));
}

/**
 * By node: above all indexes that name it and all it is attached to; -1 for what stays. Tags `sha256-HEX` can make cycles of
 * attachments: there only the indexes count, since the registry refuses to delete what one names.
 */
function levelsOf(graph: GcGraph, doomed: Int32Array): Int32Array {
  const levels = new Int32Array(graph.nodes.length).fill(-1);
  for (const node of doomed) levels[node] = 0;
  const done = new Uint8Array(graph.nodes.length);
  const next = raiseLevels({ graph, levels, done, doomed, withAttached: true, floor: 0 });
  raiseLevels({ graph, levels, done, doomed, withAttached: false, floor: next });
  return levels;
}

interface Raising {
  readonly graph: GcGraph;
  readonly levels: Int32Array;
  readonly done: Uint8Array;
  readonly doomed: Int32Array;
  readonly withAttached: boolean;
  readonly floor: number;
}

/** Kahn's algorithm over those that are not done; returns a level above all. */
function raiseLevels({ graph, levels, done, doomed, withAttached, floor }: Raising): number {
  const open = doomed.filter((node) => byte(done, node) === 0);
  const waitsFor = open.length === 0 ? new Int32Array(0) : new Int32Array(graph.nodes.length);
  const kinds = withAttached ? [graph.children, graph.attached] : [graph.children];
  const each = (node: number, visit: (target: number) => void): void => {
    for (const { starts, targets } of kinds) {
      for (let at = int(starts, node); at < int(starts, node + 1); at++) {
        const target = int(targets, at);
        if (int(levels, target) >= 0 && byte(done, target) === 0) visit(target);
      }
    }
  };
  for (const node of open) each(node, (target) => add(waitsFor, target, 1));
  for (const node of open) levels[node] = floor;
  const ready = [...open.filter((node) => int(waitsFor, node) === 0)];
  let above = floor;
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    done[node] = 1;
    const level = int(levels, node) + 1;
    above = Math.max(above, level);
    each(node, (target) => {
      levels[target] = Math.max(int(levels, target), level);
      if (add(waitsFor, target, -1) === 1) ready.push(target);
    });
  }
  return above;
}
