/** What stored bytes cost; by nobody's guess but the policy's. */
export interface StoragePrices {
  /** ISO 4217 */
  readonly currency: string;
  /** For a GB (10^9 bytes) kept for a month, by where it lies. */
  readonly perGbMonth: { readonly registry: number };
}

/** How storage is accounted for, and how long records are kept. Durations in milliseconds. */
export interface AccountingPolicy {
  /** Wanted change of the stored bytes a month: -0.2 is a fifth less. */
  readonly monthlyGoal: number;
  /** Null: no cost is shown. */
  readonly prices: StoragePrices | null;
  readonly keep: RecordAges;
}

export interface RecordAges {
  /** Events of the registry: blocked pulls, refused pushes, drift. */
  readonly eventsMs: number;
  readonly tagMovesMs: number;
  /** Daily samples of what is stored. */
  readonly samplesMs: number;
}

const DAY_MS = 86_400_000;

/** What the metrics of events and times look back on; no record that they count is younger when it is forgotten. */
export const METRIC_WINDOW_MS = 30 * DAY_MS;

/** For a policy that says nothing of it; deploy/policy/default.yaml says the same. */
const DEFAULT_ACCOUNTING: AccountingPolicy = {
  monthlyGoal: -0.2,
  prices: null,
  keep: { eventsMs: 90 * DAY_MS, tagMovesMs: 400 * DAY_MS, samplesMs: 400 * DAY_MS },
};

/** Of a policy, which may say nothing of it. */
export function accountingPolicyOf({
  accounting,
}: {
  readonly accounting?: AccountingPolicy;
}): AccountingPolicy {
  return accounting ?? DEFAULT_ACCOUNTING;
}

/** A month of `bytes`, to a hundredth; null without prices. */
export function monthlyCost(bytes: number, prices: StoragePrices | null): number | null {
  if (!prices) return null;
  return Math.round((bytes / 1e9) * prices.perGbMonth.registry * 100) / 100;
}
