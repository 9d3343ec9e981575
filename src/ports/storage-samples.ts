import type { Breakdown, GroupFigures, StorageSample } from '../domain/accounting/figures';
import type { DayTotal } from '../domain/accounting/growth';
import type { Place } from '../domain/accounting/places';

export interface SampleOrder extends Pick<StorageSample, 'day' | 'at'> {
  /** What is in no place counts for no service and no team. */
  readonly places: readonly Place[];
}

/** What is stored, counted from the inventory and kept by day. Every method throws ReleaseError LEDGER_UNAVAILABLE. */
export interface StorageSamples {
  /** On record, by name. */
  repositories(): Promise<readonly string[]>;
  /** Counts, and keeps it as the sample of its day in place of an earlier one; takes a minute or so where a million manifests are held. */
  take(order: SampleOrder): Promise<StorageSample>;
  newest(): Promise<StorageSample | null>;
  /** Of the sample of a day; those that hold most first, by name where they hold the same. */
  groups(
    day: string,
    filter: { readonly by: Breakdown; readonly name?: string; readonly limit: number },
  ): Promise<readonly GroupFigures[]>;
  /** Since `from` (`2026-11-30`), oldest first. */
  days(from: string): Promise<readonly DayTotal[]>;
}
