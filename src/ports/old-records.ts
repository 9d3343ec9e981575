/** Records that grow with every push, pull and plan, and that nobody asks for after a while. Of plans the items of those that never ran. */
export const AGEING_RECORDS = [
  'registry-events',
  'tag-moves',
  'storage-samples',
  'upload-leases',
  'plan-items',
] as const;
export type AgeingRecord = (typeof AGEING_RECORDS)[number];

export interface OldRecords {
  /**
   * Forgets those from before `before` (RFC 3339), oldest first, at most `limit`; returns how many.
   *
   * @throws ReleaseError LEDGER_UNAVAILABLE
   */
  forget(kind: AgeingRecord, before: string, limit: number): Promise<number>;
}
