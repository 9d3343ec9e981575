import type { GcDiff } from '../domain/gc/diff';
import type { Explanation } from '../domain/gc/explain';
import type { PlanHeader } from '../domain/gc/plan';
import type { GcPolicy } from '../domain/gc/retention';
import type { RootFacts } from '../domain/gc/roots';

export interface PlanOrder {
  /** One repository, or null for all. */
  readonly repository: string | null;
  readonly policy: GcPolicy;
  readonly policyHash: string;
  readonly madeBy: string;
}

export interface ExplainOrder {
  readonly policy: GcPolicy;
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
}

export interface DiffOrder {
  readonly before: GcPolicy;
  readonly after: GcPolicy;
  readonly repository: string | null;
  /** Of each direction so many are named. */
  readonly limit: number;
}

/** What runs, as its targets tell it. */
export type LiveFacts = Pick<RootFacts, 'roots' | 'missing'>;

export interface Planning {
  /** Asked once the inventory is read: what came in between is kept as pushed since. */
  readonly readLive: () => Promise<LiveFacts>;
  readonly signal: AbortSignal;
  /** How far it is, for people. */
  readonly note: (text: string) => void;
}

/**
 * Answers from all of the inventory and the roots, read anew for each. Throws ReleaseError LEDGER_UNAVAILABLE or REGISTRY_UNAVAILABLE
 * when they could not be read, what `readLive` throws, and the reason of `signal`.
 */
export interface GcPlanner {
  /** The plan is kept before it is told. */
  plan(order: PlanOrder, planning: Planning): Promise<PlanHeader>;
  explain(order: ExplainOrder, planning: Planning): Promise<Explanation>;
  diff(order: DiffOrder, planning: Planning): Promise<GcDiff>;
}
