import type { RollupItem } from '../domain/rollup';

export interface RollupOrder {
  /** Of the rollup: the same id is the same rollup. */
  readonly id: string;
  readonly advisory: string;
  readonly only: readonly string[];
}

export interface RollupProgress {
  readonly ended: boolean;
  /** Services whose successor is out, or that need none. */
  readonly released: number;
  /** What a person has to look at: failed, held, opted out, not rebuildable; at most 100. */
  readonly troubled: readonly RollupItem[];
}

/** Rebuilds of what an advisory hits. Throws ReleaseError ORCHESTRATOR_UNAVAILABLE. */
export interface EmergencyRollups {
  start(order: RollupOrder): Promise<void>;
  /** Null when there is none of that id, or it is kept no more. */
  find(id: string): Promise<RollupProgress | null>;
}
