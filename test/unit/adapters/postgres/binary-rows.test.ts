import {
  integerOf,
  isNull,
  Repeats,
  textOf,
  Times,
} from '../../../../src/adapters/postgres/binary-fields';
import { BinaryRows } from '../../../../src/adapters/postgres/binary-rows';
import { COPY_HEADER, COPY_TRAILER, copyRow } from '../../../support/copy-bytes';

function bigint(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

const read = (rows: BinaryRows, bytes: Buffer): boolean => {
  rows.look(bytes);
  return rows.read(0, bytes.length);
};

describe('BinaryRows', () => {
  it.each([
    ['with the first row', [Buffer.concat([COPY_HEADER, copyRow([Buffer.from('a'), null])])]],
    ['by itself', [COPY_HEADER, copyRow([Buffer.from('a'), null])]],
  ])('takes a header %s, and knows the end', (_how, messages) => {
    const rows = new BinaryRows(2);

    const wereRows = messages.map((bytes) => read(rows, bytes));

    expect(wereRows.at(-1)).toBe(true);
    expect([textOf(rows, 0), isNull(rows, 0), isNull(rows, 1)]).toEqual(['a', false, true]);
    expect(rows.isWhole).toBe(false);
    expect(read(rows, COPY_TRAILER)).toBe(false);
    expect([rows.isWhole, rows.count]).toEqual([true, 1]);
  });

  it.each([
    ['of another table', copyRow([null]), '1 columns'],
    ['longer than they say', Buffer.concat([copyRow([null, null]), Buffer.alloc(1)]), 'length'],
    ['shorter than they say', copyRow([null, Buffer.from('ab')]).subarray(0, -1), 'length'],
  ])('refuses rows %s', (_what, row, message) => {
    const rows = new BinaryRows(2);

    expect(() => read(rows, Buffer.concat([COPY_HEADER, row]))).toThrow(message);
  });
});

describe('fields', () => {
  const only = (value: Buffer | null): BinaryRows => {
    const rows = new BinaryRows(1);
    read(rows, Buffer.concat([COPY_HEADER, copyRow([value])]));
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
    const values = ['abcdefg', 'abcdefg', 'Abcdefg', 'abXdefg', 'abXdefG', 'ab', 'ab', 'aa'];
    read(rows, COPY_HEADER);

    const seen = [...values, '', '', long, long].map((value) => {
      read(rows, copyRow([Buffer.from(value)]));
      return repeats.isRepeated(rows);
    });

    expect(seen).toEqual([
      ...[false, true, false, false, false, false, true, false, false, true],
      // Too long to be kept.
      ...[false, false],
    ]);
  });
});
