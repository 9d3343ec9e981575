/** What Postgres sends while `COPY … TO STDOUT (FORMAT binary)` runs (PostgreSQL manual, COPY, "Binary Format"). */

export const COPY_HEADER = Buffer.concat([
  Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'),
  Buffer.alloc(8),
]);
export const COPY_TRAILER = Buffer.from([0xff, 0xff]);

/** Null is a null. */
export function copyRow(values: readonly (Buffer | null)[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(values.length);
  const fields = values.map((value) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value?.length ?? -1);
    return Buffer.concat([length, value ?? Buffer.alloc(0)]);
  });
  return Buffer.concat([count, ...fields]);
}

/** A message of the protocol (PostgreSQL manual, "Message Formats"). */
export function message(kind: string, content: Buffer = Buffer.alloc(0)): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length + 4);
  return Buffer.concat([Buffer.from(kind, 'latin1'), length, content]);
}
