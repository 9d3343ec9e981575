import type { InventorySink, NumberedSink } from '../../domain/gc/inventory';
import { integerOf, isNull, Repeats, startOf, textOf, type Times } from './binary-fields';
import type { BinaryRows } from './binary-rows';
import { rowTellers, type RowTellers } from './gc-inventory-rows';

const PREFIX = 'sha256:'.length;
/** `config`, `layer` and `child` differ in it. */
const THIRD_OF_CHILD = 'child'.charCodeAt(2);

function numberTellers(numbered: NumberedSink, times: Times): RowTellers {
  const repeats = new Repeats(0);
  const parents = new Repeats(1);
  let repository = -1;
  let [parent, child, blob] = [-1, -1, -1];
  const digest = (row: BinaryRows, column: number, likely = 0): number =>
    numbered.digest(row.view, startOf(row, column) + PREFIX, likely);
  const enter = (row: BinaryRows): number => {
    if (!repeats.isRepeated(row)) repository = numbered.repository(textOf(row, 0));
    return repository;
  };
  return {
    manifests: (row) => {
      numbered.manifest(
        enter(row),
        digest(row, 1),
        integerOf(row, 2),
        isNull(row, 3) ? -1 : digest(row, 3),
        times.read(row, 4),
        times.read(row, 5),
        row.bytes[startOf(row, 6)] === 1,
      );
    },
    manifest_edges: (row) => {
      enter(row);
      if (!parents.isRepeated(row)) parent = digest(row, 1, parent + 1);
      child = digest(row, 3, child + 1);
      const isChild = row.bytes[startOf(row, 2) + 2] === THIRD_OF_CHILD;
      numbered.edge(repository, parent, isChild, child, integerOf(row, 4));
    },
    repository_tags: (row) => {
      numbered.tag(
        enter(row),
        textOf(row, 1),
        digest(row, 2),
        times.read(row, 3),
        times.read(row, 4),
      );
    },
    repository_blobs: (row) => {
      blob = digest(row, 1, blob + 1);
      numbered.blob(enter(row), blob, integerOf(row, 2));
    },
  };
}

/** By numbers where the sink takes them: a million manifests leave no garbage then. */
export function tellersFor(sink: InventorySink, times: Times): RowTellers {
  return sink.numbered ? numberTellers(sink.numbered, times) : rowTellers(sink, times);
}
