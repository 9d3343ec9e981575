/** Records that grow with every push and pull, and that nobody asks for after a while. */
export const AGEING_RECORDS = ['registry-events', 'tag-moves', 'storage-samples'] as const;
export type AgeingRecord = (typeof AGEING_RECORDS)[number];

export interface OldRecords {
  /**
   * Forgets those from before `before` (RFC 3339), oldest first, at most `limit`; returns how many.
   *
   * @throws ReleaseError LEDGER_UNAVAILABLE
   */
  forget(kind: AgeingRecord, before: string, limit: number): Promise<number>;
}
