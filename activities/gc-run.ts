import type { GcRunCounts, GcRunSettings } from '../src/contract/gc-run-messages';
import type { Begun } from '../src/ports/gc-plans';
import type { Deps } from './deps';
import type { RootsNowDeps } from './gc-roots-now';
import { executeGcSlice } from './gc-run-slice';

export type GcRunDeps = RootsNowDeps &
  Pick<Deps, 'catalog' | 'componentIndex' | 'gcItemFacts' | 'gcPlans' | 'retention' | 'tombstones'>;

export interface BeginGcPlanInput {
  readonly planId: string;
  /** Of the workflow: the same through continue-as-new. */
  readonly runId: string;
}

export interface BeginGcPlanResult {
  readonly begun: Begun;
  readonly items: number;
}

export interface ExecuteGcSliceInput {
  readonly planId: string;
  /** Ordinal to go on from. */
  readonly from: number;
  readonly settings: GcRunSettings;
}

export interface GcSliceResult {
  /** Null: no item is left. */
  readonly next: number | null;
  readonly counts: GcRunCounts;
  readonly skips: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
}

export interface EndGcPlanInput {
  readonly planId: string;
  readonly state: 'done' | 'stopped';
}

export interface GcRunActivities {
  /** Takes the turn of the one plan that runs; a repeated call is the same turn. */
  beginGcPlan(input: BeginGcPlanInput): Promise<BeginGcPlanResult>;
  /**
   * Looks at each item again and deletes it or keeps it with a reason; what was done before a failure or a cancellation is
   * written down. Throws REGISTRY_UNAVAILABLE and LEDGER_UNAVAILABLE.
   */
  executeGcSlice(input: ExecuteGcSliceInput): Promise<GcSliceResult>;
  /** What became of its items in all, by the record. */
  endGcPlan(input: EndGcPlanInput): Promise<GcRunCounts>;
}

export function createGcRunActivities(deps: GcRunDeps): GcRunActivities {
  return {
    beginGcPlan: (input) => beginGcPlan(deps, input),
    executeGcSlice: (input) => executeGcSlice(deps, input),
    endGcPlan: (input) => endGcPlan(deps, input),
  };
}

async function endGcPlan(
  { gcPlans, now }: GcRunDeps,
  { planId, state }: EndGcPlanInput,
): Promise<GcRunCounts> {
  await gcPlans.endPlan(planId, state, now().toISOString());
  const plan = await gcPlans.getPlan(planId);
  return plan?.settled ?? { deleted: 0, skipped: 0, failed: 0, bytes: 0 };
}

async function beginGcPlan(
  { gcPlans, now }: GcRunDeps,
  { planId, runId }: BeginGcPlanInput,
): Promise<BeginGcPlanResult> {
  const begun = await gcPlans.beginPlan(planId, runId, now().toISOString());
  const plan = await gcPlans.getPlan(planId);
  return {
    begun,
    items: (plan?.totals.deleteTags ?? 0) + (plan?.totals.deleteManifests ?? 0),
  };
}
