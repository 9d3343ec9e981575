import type { WalkCursor } from '../src/contract/messages';
import type { Finding, RepairPlan } from '../src/domain/registry/drift';
import type { Deps } from './deps';
import { confirmDrift } from './reconcile-look';
import { settlePending } from './reconcile-pending';
import { repairDrift } from './reconcile-repair';
import { walkRegistry } from './reconcile-walk';

export type ReconcileDeps = Pick<
  Deps,
  'catalog' | 'inventory' | 'pendingPushes' | 'ledger' | 'now'
>;

export interface WalkInput {
  readonly cursor: WalkCursor;
  readonly manifestShare: number;
  readonly manifestShares: number;
}

/** A slice of the walk: as much as is done in about a minute. */
export interface WalkResult {
  /** Null = the walk is through. */
  readonly next: WalkCursor | null;
  readonly repositories: number;
  readonly tags: number;
  readonly manifests: number;
  readonly findings: readonly Finding[];
  readonly errors: readonly string[];
}

export interface ConfirmResult {
  /** Those that a second look sees as the first one did. */
  readonly confirmed: readonly Finding[];
  readonly errors: readonly string[];
}

export interface RepairInput {
  readonly plans: readonly RepairPlan[];
  /** RFC 3339: an event that is older than this run was told before. */
  readonly runStartedAt: string;
}

export interface RepairOutcome {
  /** right: somebody else was faster. impossible: what should be there is not. */
  readonly result: 'repaired' | 'right' | 'impossible' | 'failed';
  /** What was done, or why not; a sentence for people. */
  readonly note: string;
  /** The same was found by an earlier run within a day. */
  readonly known: boolean;
}

export interface SettlePendingInput {
  /** RFC 3339 */
  readonly before: string;
}

export interface SettlePendingResult {
  readonly settled: number;
  readonly errors: readonly string[];
}

/** Each throws REGISTRY_UNAVAILABLE or LEDGER_UNAVAILABLE when one of the two is away as a whole. */
export interface ReconcileActivities {
  /** Pushes that never told their end are completed or abandoned, by what the registry holds. */
  settlePending(input: SettlePendingInput): Promise<SettlePendingResult>;
  /** First look, read only: a slice of all repositories against what is on record. */
  walkRegistry(input: WalkInput): Promise<WalkResult>;
  /** Second look, read only. */
  confirmDrift(input: { readonly findings: readonly Finding[] }): Promise<ConfirmResult>;
  /** Writes events and repairs; every repair looks once more and may be repeated. One outcome a plan, in order. */
  repairDrift(input: RepairInput): Promise<readonly RepairOutcome[]>;
}

export function createReconcileActivities(deps: ReconcileDeps): ReconcileActivities {
  return {
    settlePending: (input) => settlePending(deps, input),
    walkRegistry: (input) => walkRegistry(deps, input),
    confirmDrift: ({ findings }) => confirmDrift(deps, findings),
    repairDrift: (input) => repairDrift(deps, input),
  };
}
