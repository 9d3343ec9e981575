import { add, int, type Ints } from './typed';

/** Edges in compressed sparse rows: those of `from` are targets[starts[from] … starts[from + 1]]. */
export interface Adjacency {
  readonly starts: Int32Array;
  readonly targets: Int32Array;
}

/** `nodes` is how many there are; edges keep the order they came in. */
export function adjacencyOf(nodes: number, from: Ints, to: Ints): Adjacency {
  const starts = new Int32Array(nodes + 1);
  for (let edge = 0; edge < from.length; edge++) add(starts, from.at(edge) + 1, 1);
  for (let node = 0; node < nodes; node++) add(starts, node + 1, int(starts, node));
  const targets = new Int32Array(from.length);
  const next = starts.slice();
  for (let edge = 0; edge < from.length; edge++) {
    targets[add(next, from.at(edge), 1)] = to.at(edge);
  }
  return { starts, targets };
}

export function reversed({ starts, targets }: Adjacency, nodes: number): Adjacency {
  const counts = new Int32Array(nodes + 1);
  for (let edge = 0; edge < targets.length; edge++) add(counts, int(targets, edge) + 1, 1);
  for (let node = 0; node < nodes; node++) add(counts, node + 1, int(counts, node));
  const sources = new Int32Array(targets.length);
  const next = counts.slice();
  for (let node = 0; node + 1 < starts.length; node++) {
    for (let edge = int(starts, node); edge < int(starts, node + 1); edge++) {
      sources[add(next, int(targets, edge), 1)] = node;
    }
  }
  return { starts: counts, targets: sources };
}
