import type { Digest } from '../../domain/digest';
import type { GcEdge, InventorySink } from '../../domain/gc/inventory';
import { integerOf, isNull, Repeats, startOf, textOf, type Times } from './binary-fields';
import type { BinaryRows } from './binary-rows';

/** What is read of each table, in the order that the readers count by. */
export const TOLD_COLUMNS = {
  manifests: [
    ...['repository', 'digest', 'size', 'subject', 'pushed_at', 'last_pulled_at', 'pending'],
    ...['media_type', 'artifact_type'],
  ],
  manifest_edges: ['repository', 'parent', 'kind', 'child', 'size'],
  repository_tags: ['repository', 'tag', 'digest', 'pushed_at', 'last_pulled_at'],
  repository_blobs: ['repository', 'digest', 'size'],
} as const;

export type ToldTable = keyof typeof TOLD_COLUMNS;
export type RowTellers = Readonly<Record<ToldTable, (row: BinaryRows) => void>>;

const KINDS: readonly GcEdge['kind'][] = ['config', 'layer', 'child'];

/** Not looked at again: the schema's domain `digest` holds nothing else, and there are millions. */
function digestOf(row: BinaryRows, column: number): Digest {
  return textOf(row, column) as Digest;
}

function textOrNull(row: BinaryRows, column: number): string | null {
  return isNull(row, column) ? null : textOf(row, column);
}

/** An object a row. */
export function rowTellers(sink: InventorySink, times: Times): RowTellers {
  const repeats = new Repeats(0);
  let last = '';
  const repository = (row: BinaryRows): string => {
    if (!repeats.isRepeated(row)) last = textOf(row, 0);
    return last;
  };
  return {
    manifests: (row) => {
      sink.manifest({
        repository: repository(row),
        digest: digestOf(row, 1),
        size: integerOf(row, 2),
        subject: isNull(row, 3) ? null : digestOf(row, 3),
        pushedAtMs: times.readOrNull(row, 4),
        lastPulledAtMs: times.readOrNull(row, 5),
        pending: row.bytes[startOf(row, 6)] === 1,
        mediaType: textOf(row, 7),
        artifactType: textOrNull(row, 8),
      });
    },
    manifest_edges: (row) => {
      const name = textOf(row, 2);
      sink.edge({
        repository: repository(row),
        parent: digestOf(row, 1),
        kind: KINDS.find((one) => one === name) ?? 'child',
        child: digestOf(row, 3),
        size: integerOf(row, 4),
      });
    },
    repository_tags: (row) => {
      sink.tag({
        repository: repository(row),
        tag: textOf(row, 1),
        digest: digestOf(row, 2),
        pushedAtMs: times.readOrNull(row, 3),
        lastPulledAtMs: times.readOrNull(row, 4),
      });
    },
    repository_blobs: (row) => {
      sink.blob({
        repository: repository(row),
        digest: digestOf(row, 1),
        size: integerOf(row, 2),
      });
    },
  };
}
