/** 'PGCOPY\n\377\r\n\0', flags and the length of an extension that no version has (PostgreSQL manual, COPY, "Binary Format"). */
const HEADER = 19;
const TRAILER = -1;
const NULL = -1;

const view = (bytes: Buffer): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * Reads `COPY … TO STDOUT (FORMAT binary)` row by row without an object a row: `bytes`, `starts` and `lengths` are those of
 * the row at hand, and good until the next one is read.
 */
export class BinaryRows {
  bytes: Buffer = Buffer.alloc(0);
  /** Of `bytes`: Buffer's own readers check their arguments, seven million rows times five. */
  view: DataView = view(this.bytes);
  readonly starts: Int32Array;
  /** -1: null. */
  readonly lengths: Int32Array;
  /** Rows that were read so far. */
  count = 0;
  /** The last row was followed by the mark of the end. */
  isWhole = false;
  private headerSeen = false;

  private readonly columns: number;

  constructor(columns: number) {
    this.columns = columns;
    this.starts = new Int32Array(columns);
    this.lengths = new Int32Array(columns);
  }

  /** What `read` reads from. */
  look(bytes: Buffer): void {
    this.bytes = bytes;
    this.view = view(bytes);
  }

  /**
   * One message of COPY, which holds one row (PostgreSQL manual, "COPY Operations"): whether it did.
   *
   * @throws Error when it is not what the manual says.
   */
  read(start: number, end: number): boolean {
    const at = this.headerSeen ? start : start + HEADER;
    this.headerSeen = true;
    if (at === end) return false;
    const columns = this.view.getInt16(at);
    if (columns === TRAILER) {
      this.isWhole = true;
      return false;
    }
    if (columns !== this.columns) throw new Error(`a row of ${columns} columns came from COPY`);
    if (this.locate(at + 2) !== end)
      throw new Error('a row of COPY has another length than it says');
    this.count += 1;
    return true;
  }

  private locate(first: number): number {
    const { view, starts, lengths } = this;
    let position = first;
    for (let column = 0; column < this.columns; column += 1) {
      const length = view.getInt32(position);
      position += 4;
      starts[column] = position;
      lengths[column] = length;
      if (length !== NULL) position += length;
    }
    return position;
  }
}
