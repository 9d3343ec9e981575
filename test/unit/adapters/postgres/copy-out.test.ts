import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import type { Client, Connection, Submittable } from 'pg';
import { BinaryRows } from '../../../../src/adapters/postgres/binary-rows';
import { copyOut } from '../../../../src/adapters/postgres/copy-out';
import { COPY_HEADER, COPY_TRAILER, copyRow, message } from '../../../support/copy-bytes';

interface Query extends Submittable {
  handleReadyForQuery(): void;
  handleError(error: unknown): void;
}

/** Of pg as much as a query sees: what it did not take from the socket itself is in `others`. */
function fakeClient(): {
  readonly client: Client;
  readonly stream: EventEmitter;
  readonly others: () => string;
  readonly destroyed: () => boolean;
} {
  const state = { others: Buffer.alloc(0), destroyed: false, query: null as Query | null };
  const stream = Object.assign(new EventEmitter(), {
    destroy: () => {
      state.destroyed = true;
    },
  });
  stream.on('data', (chunk: Buffer) => {
    state.others = Buffer.concat([state.others, chunk]);
    if (chunk.toString('latin1', 0, 1) === 'E') state.query?.handleError(new Error('refused'));
    if (state.others.includes(message('Z', Buffer.from('T')))) state.query?.handleReadyForQuery();
  });
  const client = {
    query: (query: Query) => {
      state.query = query;
      query.submit({ stream, query: () => undefined } as unknown as Connection);
    },
  };
  return {
    client: client as unknown as Client,
    stream,
    others: () => state.others.toString('latin1'),
    destroyed: () => state.destroyed,
  };
}

const START = message('H', Buffer.from([1, 0, 0]));
const END = [message('c'), message('C', Buffer.from('COPY 1\0')), message('Z', Buffer.from('T'))];
const dataOf = (content: Buffer): Buffer => message('d', content);

function* cut(bytes: Buffer, sizes: readonly number[]): Iterable<Buffer> {
  let at = 0;
  for (let n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('copyOut', () => {
  it('reads the same rows however the bytes come in, and leaves the rest to pg', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.uint8Array({ maxLength: 40 })), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
        async (values, sizes) => {
          const expected = values.map((value) => value && Buffer.from(value));
          const notice = message('N', Buffer.from('a notice'));
          const messages = [
            ...[START, dataOf(COPY_HEADER), ...expected.map((one) => dataOf(copyRow([one])))],
            ...[notice, dataOf(COPY_TRAILER), ...END],
          ];
          const { client, stream, others } = fakeClient();
          const rows = new BinaryRows(1);
          const read: (Buffer | null)[] = [];

          const copied = copyOut(client, 'COPY', rows, () => {
            const [start = 0] = rows.starts;
            const [length = 0] = rows.lengths;
            read.push(length < 0 ? null : Buffer.from(rows.bytes.subarray(start, start + length)));
          });
          for (const chunk of cut(Buffer.concat(messages), sizes)) stream.emit('data', chunk);
          await copied;

          expect(read).toEqual(expected);
          expect(others()).toBe(Buffer.concat([START, notice, ...END]).toString('latin1'));
          expect(stream.listenerCount('data')).toBe(1);
        },
      ),
    );
  });

  it('does not take an end without the last row for the end', async () => {
    const { client, stream } = fakeClient();

    const copied = copyOut(client, 'COPY', new BinaryRows(1), () => undefined);
    stream.emit('data', Buffer.concat([START, dataOf(COPY_HEADER), ...END]));

    await expect(copied).rejects.toThrow('in the middle');
  });

  it('gives the socket back, with what it had read, when Postgres says that it failed', async () => {
    const { client, stream, others } = fakeClient();
    const refused = message('E', Buffer.from('SERROR'));
    const ready = message('Z', Buffer.from('E'));

    const copied = copyOut(client, 'COPY', new BinaryRows(1), () => undefined);
    stream.emit('data', Buffer.concat([refused, ready.subarray(0, 3)]));
    stream.emit('data', ready.subarray(3));

    await expect(copied).rejects.toThrow('refused');
    expect(others()).toBe(Buffer.concat([refused, ready]).toString('latin1'));
  });

  it('ends the connection when a row is not taken', async () => {
    const { client, stream, destroyed } = fakeClient();

    const copied = copyOut(client, 'COPY', new BinaryRows(1), () => {
      throw new Error('no more');
    });
    stream.emit('data', Buffer.concat([dataOf(COPY_HEADER), dataOf(copyRow([null]))]));

    await expect(copied).rejects.toThrow('no more');
    expect(destroyed()).toBe(true);
  });
});
