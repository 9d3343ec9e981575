import type { RollupReport } from '../src/domain/rollup/report';
import type { BaseImportNote } from '../src/ports/base-imports';
import type { Deps } from './deps';
import { lookAtRebuilds, type LookInput, type SeenRebuild } from './rollup-look';
import { planRollup, type PlanRollupInput, type PlanRollupResult } from './rollup-plan';
import {
  startRebuilds,
  type StartDeps,
  type StartedRebuild,
  type StartRebuildsInput,
} from './rollup-start';
import { compareRebuild, type CompareRebuildInput } from './rollup-unchanged';

export interface RollupActivities {
  /** Waits for the imports of all families. Throws ORCHESTRATOR_UNAVAILABLE. */
  importNewestBases(input: { readonly by: string | null }): Promise<readonly BaseImportNote[]>;
  /** Throws LEDGER_UNAVAILABLE. */
  planRollup(input: PlanRollupInput): Promise<PlanRollupResult>;
  /** Throws LEDGER_UNAVAILABLE, ORCHESTRATOR_UNAVAILABLE. */
  startRebuilds(input: StartRebuildsInput): Promise<readonly StartedRebuild[]>;
  /** Throws LEDGER_UNAVAILABLE. */
  lookAtRebuilds(input: LookInput): Promise<readonly SeenRebuild[]>;
  saveRollup(input: { readonly report: RollupReport }): Promise<void>;
  /** Whether what was built is, but for its labels and times, what it renews. Throws REGISTRY_UNAVAILABLE. */
  compareRebuild(input: CompareRebuildInput): Promise<{ readonly same: boolean }>;
}

type RollupDeps = StartDeps & Pick<Deps, 'baseImports' | 'registry'>;

export function createRollupActivities(deps: RollupDeps): RollupActivities {
  return {
    importNewestBases: ({ by }) => deps.baseImports.importNewest(by),
    planRollup: (input) => planRollup(deps, input),
    startRebuilds: (input) => startRebuilds(deps, input),
    lookAtRebuilds: (input) => lookAtRebuilds(deps, input),
    saveRollup: ({ report }) => deps.rollups.save(report),
    compareRebuild: (input) => compareRebuild(deps, input),
  };
}
