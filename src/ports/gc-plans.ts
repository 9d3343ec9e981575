import type { GcPlan, GcRule, PlanHeader, PlanItem } from '../domain/gc/plan';

/** ready: may run. over-budget: needs an approval. The rest is what became of it. */
export type PlanState =
  'ready' | 'over-budget' | 'running' | 'done' | 'stopped' | 'expired' | 'superseded';

export interface RecordedPlan extends PlanHeader {
  readonly state: PlanState;
  readonly madeBy: string;
  readonly approval: {
    readonly by: string;
    readonly reason: string;
    readonly at: string;
  } | null;
  /** Of the workflow that executes it. */
  readonly runId: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly settled: SettledCounts;
}

export interface SettledCounts {
  readonly deleted: number;
  readonly skipped: number;
  readonly failed: number;
  /** Of the deleted ones, by the plan. */
  readonly bytes: number;
}

/** What a plan deletes in one repository by one rule. */
export interface PlanGroup {
  readonly repository: string;
  readonly rule: GcRule;
  readonly tags: number;
  readonly manifests: number;
  readonly bytes: number;
}

export interface ItemOutcome {
  readonly ordinal: number;
  readonly outcome: 'deleted' | 'skipped' | 'failed';
  /** Why it was skipped or failed; null when deleted. */
  readonly reason: string | null;
  /** RFC 3339 */
  readonly at: string;
}

export interface RecordedItem extends PlanItem {
  readonly outcome: ItemOutcome | null;
}

export type Begun =
  { readonly kind: 'begun' | 'same' } | { readonly kind: 'refused'; readonly reason: string };

/** Plans and what became of them. Every method throws ReleaseError LEDGER_UNAVAILABLE when it could not find out. */
export interface GcPlans {
  /** Idempotent by id. Earlier ones of the same scope that are ready or over budget become superseded. */
  savePlan(plan: GcPlan, madeBy: string): Promise<void>;
  getPlan(id: string): Promise<RecordedPlan | null>;
  /** Newest first. */
  listPlans(filter: {
    readonly repository?: string;
    readonly limit: number;
  }): Promise<readonly RecordedPlan[]>;
  /** By ordinal, from `from` on; with `open` only those without an outcome. */
  listItems(
    id: string,
    page: { readonly from: number; readonly limit: number; readonly open?: boolean },
  ): Promise<readonly RecordedItem[]>;
  /** The largest first, by bytes, then by name. */
  groupItems(id: string, limit: number): Promise<readonly PlanGroup[]>;
  /**
   * over-budget becomes ready, ready stays so; null when there is no such plan. Idempotent: the first approval stays. Throws
   * INVALID_INPUT in any other state, when the plan has expired at `at`, and when it deletes nothing.
   */
  approvePlan(id: string, by: string, reason: string, at: string): Promise<RecordedPlan | null>;
  /** Some plan was, whatever became of it: until then nothing is deleted. */
  wasAnyApproved(): Promise<boolean>;
  /** One plan runs at a time: takes the turn for `runId`. Refuses a plan that is not ready, or expired at `at`. */
  beginPlan(id: string, runId: string, at: string): Promise<Begun>;
  /** Idempotent: the first outcome of an item stays. */
  settleItems(id: string, outcomes: readonly ItemOutcome[]): Promise<void>;
  /** Ends the turn. Idempotent. */
  endPlan(id: string, state: 'done' | 'stopped', at: string): Promise<void>;
}
