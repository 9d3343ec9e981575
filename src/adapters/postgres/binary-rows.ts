/** 'PGCOPY\n\377\r\n\0', flags and the length of an extension that no version has (PostgreSQL manual, COPY, "Binary Format"). */
const HEADER = 19;
const TRAILER = -1;
const NULL = -1;

/**
 * Reads `COPY … TO STDOUT (FORMAT binary)` row by row without an object a row: `bytes`, `starts` and `lengths` are those of
 * the row at hand, and good until the callback returns.
 */
export class BinaryRows {
  bytes: Buffer = Buffer.alloc(0);
  readonly starts: Int32Array;
  /** -1: null. */
  readonly lengths: Int32Array;
  private rest: Buffer | null = null;
  private headerSeen = false;

  private readonly columns: number;

  constructor(columns: number) {
    this.columns = columns;
    this.starts = new Int32Array(columns);
    this.lengths = new Int32Array(columns);
  }

  /** @throws Error when it is not what the manual says. */
  feed(chunk: Buffer, onRow: (row: this) => void): void {
    const bytes = this.rest ? Buffer.concat([this.rest, chunk]) : chunk;
    this.bytes = bytes;
    let at = 0;
    if (!this.headerSeen) {
      if (bytes.length < HEADER) {
        this.rest = bytes;
        return;
      }
      this.headerSeen = true;
      at = HEADER;
    }
    for (let end = this.locate(bytes, at); end > at; end = this.locate(bytes, at)) {
      onRow(this);
      at = end;
    }
    this.rest = at < bytes.length ? bytes.subarray(at) : null;
  }

  /** @throws Error when the rows did not come to their end. */
  end(): void {
    if (this.rest?.length !== 2) throw new Error('COPY ended in the middle');
  }

  /** Where the row at `at` ends; `at` itself when it is not all there, or the trailer. */
  private locate(bytes: Buffer, at: number): number {
    let position = at + 2;
    if (position > bytes.length) return at;
    const columns = bytes.readInt16BE(at);
    if (columns === TRAILER) return at;
    if (columns !== this.columns) throw new Error(`a row of ${columns} columns came from COPY`);
    for (let column = 0; column < columns; column += 1) {
      if (position + 4 > bytes.length) return at;
      const length = bytes.readInt32BE(position);
      position += 4;
      this.starts[column] = position;
      this.lengths[column] = length;
      if (length !== NULL) position += length;
    }
    return position > bytes.length ? at : position;
  }
}
