import type { Digest } from '../../domain/digest';
import type { GcEdge, InventorySink } from '../../domain/gc/inventory';
import type { BinaryRows } from './binary-rows';

/** What is read of each table, in the order that the readers below count by. */
export const TOLD_TABLES = {
  manifests: {
    from: 'manifests',
    columns: [
      ...['repository', 'digest', 'media_type', 'artifact_type', 'size', 'subject', 'pending'],
      ...['pushed_at', 'last_pulled_at'],
    ],
  },
  edges: { from: 'manifest_edges', columns: ['repository', 'parent', 'kind', 'child', 'size'] },
  tags: {
    from: 'repository_tags',
    columns: ['repository', 'tag', 'digest', 'pushed_at', 'last_pulled_at'],
  },
  blobs: { from: 'repository_blobs', columns: ['repository', 'digest', 'size'] },
} as const;

type Tell = (row: BinaryRows) => void;

export interface RowTold extends Readonly<Record<keyof typeof TOLD_TABLES, Tell>> {
  /** The newest push or pull of all rows. */
  newestMs(): number | null;
}

/** A timestamptz counts µs from 2000-01-01. */
const EPOCH_2000_MS = 946_684_800_000;
const KINDS: readonly GcEdge['kind'][] = ['config', 'layer', 'child'];

function text(row: BinaryRows, column: number): string {
  const start = row.starts[column] ?? 0;
  return row.bytes.toString('latin1', start, start + (row.lengths[column] ?? 0));
}

function isNull(row: BinaryRows, column: number): boolean {
  return row.lengths[column] === -1;
}

/** Within what a number can hold: the schema keeps sizes so, and times are. */
function integer(row: BinaryRows, column: number): number {
  const start = row.starts[column] ?? 0;
  return row.bytes.readInt32BE(start) * 4_294_967_296 + row.bytes.readUInt32BE(start + 4);
}

/** Repositories and media types repeat from row to row: one string for all of them. */
function createRepeated(): (row: BinaryRows, column: number) => string {
  let last = Buffer.alloc(0);
  let value = '';
  return (row, column) => {
    const start = row.starts[column] ?? 0;
    const end = start + (row.lengths[column] ?? 0);
    if (end - start !== last.length || row.bytes.compare(last, 0, last.length, start, end) !== 0) {
      last = Buffer.from(row.bytes.subarray(start, end));
      value = last.toString('utf8');
    }
    return value;
  };
}

/** Not looked at again: the schema's domain `digest` holds nothing else, and there are millions. */
function digest(row: BinaryRows, column: number): Digest {
  return text(row, column) as Digest;
}

/** Rows of the binary COPY, told to the sink; what they are made of is kept from row to row where it repeats. */
export function createRowTold(sink: InventorySink): RowTold {
  const repository = createRepeated();
  const mediaType = createRepeated();
  const artifactType = createRepeated();
  const parent = createRepeated();
  const kind = createRepeated();
  let newestMs = Number.NEGATIVE_INFINITY;

  function time(row: BinaryRows, column: number): number | null {
    if (isNull(row, column)) return null;
    const ms = Math.floor(integer(row, column) / 1000) + EPOCH_2000_MS;
    if (ms > newestMs) newestMs = ms;
    return ms;
  }

  return {
    manifests: (row) => {
      sink.manifest({
        repository: repository(row, 0),
        digest: digest(row, 1),
        mediaType: mediaType(row, 2),
        artifactType: isNull(row, 3) ? null : artifactType(row, 3),
        size: integer(row, 4),
        subject: isNull(row, 5) ? null : digest(row, 5),
        pending: row.bytes[row.starts[6] ?? 0] === 1,
        pushedAtMs: time(row, 7),
        lastPulledAtMs: time(row, 8),
      });
    },
    edges: (row) => {
      const name = kind(row, 2);
      sink.edge({
        repository: repository(row, 0),
        parent: parent(row, 1) as Digest,
        kind: KINDS.find((one) => one === name) ?? 'child',
        child: digest(row, 3),
        size: integer(row, 4),
      });
    },
    tags: (row) => {
      sink.tag({
        repository: repository(row, 0),
        tag: text(row, 1),
        digest: digest(row, 2),
        pushedAtMs: time(row, 3),
        lastPulledAtMs: time(row, 4),
      });
    },
    blobs: (row) => {
      sink.blob({
        repository: repository(row, 0),
        digest: digest(row, 1),
        size: integer(row, 2),
      });
    },
    newestMs: () => (newestMs === Number.NEGATIVE_INFINITY ? null : newestMs),
  };
}
