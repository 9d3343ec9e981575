import type { BinaryRows } from './binary-rows';

/** A timestamptz counts µs from 2000-01-01. */
const EPOCH_2000_MS = 946_684_800_000;
const TWO_TO_32 = 4_294_967_296;

export function isNull(row: BinaryRows, column: number): boolean {
  return row.lengths[column] === -1;
}

export function startOf(row: BinaryRows, column: number): number {
  return row.starts[column] ?? 0;
}

export function textOf(row: BinaryRows, column: number): string {
  const start = startOf(row, column);
  return row.bytes.toString('utf8', start, start + (row.lengths[column] ?? 0));
}

/** A bigint within what a number can hold: the schema keeps sizes so, and times are. */
export function integerOf(row: BinaryRows, column: number): number {
  const at = startOf(row, column);
  return row.view.getInt32(at) * TWO_TO_32 + row.view.getUint32(at + 4);
}

/** Times as ms since the epoch, NaN for null; and the newest that was read. */
export class Times {
  newestMs = Number.NEGATIVE_INFINITY;

  read(row: BinaryRows, column: number): number {
    if (isNull(row, column)) return Number.NaN;
    const ms = Math.floor(integerOf(row, column) / 1000) + EPOCH_2000_MS;
    if (ms > this.newestMs) this.newestMs = ms;
    return ms;
  }

  readOrNull(row: BinaryRows, column: number): number | null {
    const ms = this.read(row, column);
    return Number.isNaN(ms) ? null : ms;
  }
}

const LONGEST = 256;

/** Whether a column says what it said in the row before: what is made of it is made once. */
export class Repeats {
  private readonly last = new Uint8Array(LONGEST);
  private readonly lastView = new DataView(this.last.buffer);
  private length = -1;
  private readonly column: number;

  constructor(column: number) {
    this.column = column;
  }

  isRepeated(row: BinaryRows): boolean {
    const length = row.lengths[this.column] ?? 0;
    const start = startOf(row, this.column);
    if (length === this.length && this.isSame(row, start)) return true;
    // Longer texts than any name are never the same, which costs time alone.
    this.length = length <= LONGEST ? length : -1;
    for (let at = 0; at < this.length; at += 1) this.last[at] = row.bytes[start + at] ?? 0;
    return false;
  }

  /** From the end, where what differs mostly does; four bytes at a time. */
  private isSame({ view }: BinaryRows, start: number): boolean {
    const { lastView } = this;
    let at = this.length - 4;
    for (; at >= 0; at -= 4) {
      if (view.getInt32(start + at) !== lastView.getInt32(at)) return false;
    }
    for (at += 3; at >= 0; at -= 1) {
      if (view.getUint8(start + at) !== lastView.getUint8(at)) return false;
    }
    return true;
  }
}
