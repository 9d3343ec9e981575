import fc from 'fast-check';
import {
  integerOf,
  isNull,
  Repeats,
  textOf,
  Times,
} from '../../../../src/adapters/postgres/binary-fields';
import { BinaryRows } from '../../../../src/adapters/postgres/binary-rows';

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from([0xff, 0xff]);

function rowOf(values: readonly (Buffer | null)[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(values.length);
  const fields = values.map((value) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value?.length ?? -1);
    return Buffer.concat([length, value ?? Buffer.alloc(0)]);
  });
  return Buffer.concat([count, ...fields]);
}

function bigint(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function* cut(bytes: Buffer, sizes: readonly number[]): Iterable<Buffer> {
  let at = 0;
  for (let n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('BinaryRows', () => {
  it('reads the same rows however the bytes come in', () => {
    const field = fc.option(fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(field, field), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
        (values, sizes) => {
          const all = values.map((row) => row.map((one) => one && Buffer.from(one)));
          const bytes = Buffer.concat([HEADER, ...all.map(rowOf), TRAILER]);
          const rows = new BinaryRows(2);
          const read: (Buffer | null)[][] = [];

          for (const chunk of cut(bytes, sizes)) {
            rows.feed(chunk, (row) => {
              const fields = [0, 1].map((column) => {
                const start = row.starts[column]!;
                const end = start + row.lengths[column]!;
                return isNull(row, column) ? null : Buffer.from(row.bytes.subarray(start, end));
              });
              read.push(fields);
            });
          }
          rows.end();

          expect(read).toEqual(all);
          expect(rows.count).toBe(all.length);
        },
      ),
    );
  });

  it('does not take a connection that broke for the end', () => {
    const rows = new BinaryRows(1);
    const bytes = Buffer.concat([HEADER, rowOf([Buffer.from('a')])]);

    rows.feed(bytes, () => undefined);

    expect(() => {
      rows.end();
    }).toThrow('in the middle');
  });

  it('refuses rows of another table', () => {
    const rows = new BinaryRows(2);

    expect(() => {
      rows.feed(Buffer.concat([HEADER, rowOf([null])]), () => undefined);
    }).toThrow('1 columns');
  });
});

describe('fields', () => {
  const only = (value: Buffer | null): BinaryRows => {
    const rows = new BinaryRows(1);
    rows.feed(Buffer.concat([HEADER, rowOf([value])]), () => undefined);
    return rows;
  };

  it.each([0, 1, -1, 2 ** 32 - 1, 2 ** 32, -(2 ** 40) - 5, Number.MAX_SAFE_INTEGER])(
    'reads the bigint %d',
    (value) => {
      expect(integerOf(only(bigint(value)), 0)).toBe(value);
    },
  );

  it('reads times as ms since the epoch, and null as not known', () => {
    const at = Date.parse('2026-11-30T08:00:00.123Z');
    const micros = (at - Date.parse('2000-01-01T00:00:00Z')) * 1000;

    const times = new Times();

    expect(times.read(only(bigint(micros)), 0)).toBe(at);
    expect(times.read(only(bigint(0)), 0)).toBe(Date.parse('2000-01-01T00:00:00Z'));
    expect(times.read(only(null), 0)).toBeNaN();
    expect(times.readOrNull(only(null), 0)).toBeNull();
    expect(times.newestMs).toBe(at);
  });

  it('knows what a column says again', () => {
    const rows = new BinaryRows(1);
    const repeats = new Repeats(0);
    const long = 'x'.repeat(300);
    const seen: (readonly [string, boolean])[] = [];
    const values = ['a', 'a', 'ab', 'aa', '', '', long, long];
    const bytes = values.map((value) => rowOf([Buffer.from(value)]));

    rows.feed(Buffer.concat([HEADER, ...bytes]), (row) => {
      seen.push([textOf(row, 0), repeats.isRepeated(row)]);
    });

    expect(seen.map(([, isRepeated]) => isRepeated)).toEqual([
      ...[false, true, false, false, false, true],
      // Too long to be kept.
      ...[false, false],
    ]);
  });
});
