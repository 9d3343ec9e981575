/**
 * Records that grow with every push, pull and plan, and that nobody asks for after a while. Of clean-up plans: items of those that
 * never ran, items of those that did, and then the plans themselves. None goes that runs, may still be approved, or whose manifests can
 * be put back; nor the last one that was approved, since by it later plans may run.
 */
export const AGEING_RECORDS = [
  'registry-events',
  'tag-moves',
  'storage-samples',
  'upload-leases',
  'plan-items',
  'run-items',
  'plans',
] as const;
export type AgeingRecord = (typeof AGEING_RECORDS)[number];

export interface OldRecords {
  /**
   * Forgets those from before `before` (RFC 3339), oldest first, at most `limit`; returns how many. Of plans also those beyond the
   * newest `PLANS_KEPT`.
   *
   * @throws ReleaseError LEDGER_UNAVAILABLE
   */
  forget(kind: AgeingRecord, before: string, limit: number): Promise<number>;
}

/** Of a dry run in each pipeline nobody reads more. */
export const PLANS_KEPT = 1000;
