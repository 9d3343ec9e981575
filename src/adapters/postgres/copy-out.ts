import type { Client, Connection, Submittable } from 'pg';
import { failureReason } from '../../contract/error-reason';
import type { BinaryRows } from './binary-rows';

/** Of a message: its kind, and its length without that (PostgreSQL manual, "Message Formats"). */
const HEAD = 5;
const COPY_DATA = 'd'.charCodeAt(0);

type Listener = (chunk: Buffer) => void;

/**
 * A query whose rows are read where the socket's bytes lie: pg's parser makes an object of each, and a stream of them copies all
 * twice, which takes longer than to read them. Every other message is left to pg.
 */
class CopyOut implements Submittable {
  private readonly text: string;
  private readonly rows: BinaryRows;
  private readonly onRow: () => void;
  private readonly settle: (error?: unknown) => void;
  private connection: Connection | null = null;
  private others: Listener = () => undefined;
  private rest: Buffer | null = null;

  constructor(
    text: string,
    rows: BinaryRows,
    onRow: () => void,
    settle: (error?: unknown) => void,
  ) {
    this.text = text;
    this.rows = rows;
    this.onRow = onRow;
    this.settle = settle;
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    const [others, more] = stream.listeners('data');
    if (!others || more) throw new Error('pg does not read its socket as it used to');
    this.others = others as Listener;
    this.connection = connection;
    stream.off('data', this.others);
    stream.on('data', this.hear);
    connection.query(this.text);
  }

  handleError(error: unknown): void {
    this.leave(error);
  }

  handleCommandComplete(): void {
    // What counts is that the server is ready again.
  }

  handleReadyForQuery(): void {
    this.leave(this.rows.isWhole ? undefined : new Error('COPY ended in the middle'));
  }

  private readonly hear = (chunk: Buffer): void => {
    try {
      this.take(chunk);
    } catch (error) {
      // A socket in the middle of a message can't be used for another query.
      this.connection?.stream.destroy();
      this.leave(error);
    }
  };

  /** A message that the end of the last chunk cut is put together first, and by itself: the rest stays where it lies. */
  private take(chunk: Buffer): void {
    const { rest } = this;
    if (!rest) {
      this.read(chunk);
      return;
    }
    const head = Buffer.concat([rest.subarray(0, HEAD), chunk.subarray(0, HEAD)]);
    const missing = head.length < HEAD ? HEAD : head.readInt32BE(1) + 1 - rest.length;
    this.rest = null;
    this.read(Buffer.concat([rest, chunk.subarray(0, missing)]));
    if (missing < chunk.length) this.read(chunk.subarray(missing));
  }

  private read(bytes: Buffer): void {
    const { rows, onRow } = this;
    rows.look(bytes);
    let at = 0;
    while (at + HEAD <= bytes.length) {
      const end = at + 1 + rows.view.getInt32(at + 1);
      if (end > bytes.length) break;
      if (bytes[at] !== COPY_DATA) this.others(bytes.subarray(at, end));
      else if (rows.read(at + HEAD, end)) onRow();
      at = end;
    }
    this.rest = at < bytes.length ? bytes.subarray(at) : null;
    if (this.connection || !this.rest) return;
    this.others(this.rest);
    this.rest = null;
  }

  /** Gives the socket back to pg. */
  private leave(error?: unknown): void {
    const stream = this.connection?.stream;
    this.connection = null;
    if (stream) {
      stream.off('data', this.hear);
      stream.on('data', this.others);
    }
    this.settle(error);
  }
}

/**
 * Runs `text`, a `COPY … TO STDOUT (FORMAT binary)`, and calls `onRow` with each row in `rows`.
 *
 * @throws what `onRow` throws, what Postgres says, and Error when the rows did not come to their end
 */
export function copyOut(
  client: Client,
  text: string,
  rows: BinaryRows,
  onRow: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown): void => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error(failureReason(error)));
    };
    client.query(new CopyOut(text, rows, onRow, settle));
  });
}
