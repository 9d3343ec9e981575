import { AGEING_RECORDS, type AgeingRecord, type OldRecords } from '../../../src/ports/old-records';

export interface OldRecordsUnderTest {
  readonly records: OldRecords;
  /** Puts one of each kind on record, at that day of January 2026. */
  add(kind: AgeingRecord, day: number): Promise<void>;
  /** How many there are. */
  count(kind: AgeingRecord): Promise<number>;
  close(): Promise<void>;
}

/** What every store of ageing records must do. `open` gives an empty one; it is closed after each test. */
export function describeOldRecords(name: string, open: () => Promise<OldRecordsUnderTest>): void {
  describe.each(AGEING_RECORDS)(`old records contract: ${name}: %s`, (kind) => {
    let under: OldRecordsUnderTest;

    beforeEach(async () => {
      under = await open();
    });

    afterEach(async () => {
      await under.close();
    });

    it('forgets the oldest first, a few at a time, and nothing that is not old', async () => {
      for (const day of [1, 2, 3, 4]) await under.add(kind, day);
      const forget = (limit: number): Promise<number> =>
        under.records.forget(kind, '2026-01-04T00:00:00.000Z', limit);

      expect(await forget(2)).toBe(2);
      expect(await under.count(kind)).toBe(2);
      expect(await forget(2)).toBe(1);
      expect(await forget(2)).toBe(0);
      expect(await under.count(kind)).toBe(1);
    });
  });
}
