import type { GcDiff } from '../domain/gc/diff';
import type { Explanation } from '../domain/gc/explain';
import type { PlanTotals } from '../domain/gc/plan';
import type { GcPolicy } from '../domain/gc/retention';

/** Argument of gcPlanWorkflow. */
export interface GcPlanInput {
  /** One repository, or null for all. */
  readonly repository: string | null;
  readonly requestedBy: string;
  /** report: the plan is kept and that is all. run: it is executed where nobody has to look at it first. */
  readonly then: 'report' | 'run';
  readonly by: 'person' | 'schedule';
  /** As it was when the plan was ordered. */
  readonly policy: GcPolicy;
  readonly policyHash: string;
}

/**
 * reported: that was all that was asked for. nothing: there is nothing to delete. waits: for a person; why says for what. started: its
 * run was. failed: no plan was made.
 */
export type GcPlanOutcome = 'reported' | 'nothing' | 'waits' | 'started' | 'failed';

export interface GcPlanSummary {
  readonly id: string;
  readonly expiresAt: string;
  readonly totals: PlanTotals;
  readonly breaches: number;
  readonly unknownCount: number;
}

/** Result of gcPlanWorkflow, and what its query `getGcPlanning` shows meanwhile. */
export interface GcPlanReport {
  readonly repository: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Null while it goes on. */
  readonly outcome: GcPlanOutcome | null;
  readonly plan: GcPlanSummary | null;
  /** Why it waits or failed. */
  readonly reason: string | null;
  /** Workflow that executes the plan. */
  readonly runWorkflowId: string | null;
}

export type GcQuestionInput =
  | { readonly kind: 'explain'; readonly repository: string; readonly reference: string }
  | { readonly kind: 'diff'; readonly repository: string | null; readonly after: GcPolicy };

/** Argument of gcAskWorkflow: a question that is answered from all of the inventory, and changes nothing. */
export interface GcAskInput {
  readonly question: GcQuestionInput;
  readonly policy: GcPolicy;
}

export type GcAnswer =
  | { readonly kind: 'explain'; readonly explanation: Explanation }
  | { readonly kind: 'diff'; readonly diff: GcDiff };

/** Wire names. */
export const GC_MESSAGES = { getPlanning: 'getGcPlanning' } as const;

export const GC_WORKFLOWS = { plan: 'gcPlanWorkflow', ask: 'gcAskWorkflow' } as const;
