import type { ReclaimOutcome, ReclaimSettings } from '../src/contract/gc-run-messages';
import type { Deps } from './deps';
import { reclaimStorage } from './gc-reclaim-storage';
import { openAgain, takeOver } from './gc-reclaim-window';

export type ReclaimDeps = Pick<
  Deps,
  | 'backend'
  | 'gatewayState'
  | 'now'
  | 'pendingPushes'
  | 'reclaimer'
  | 'reclaims'
  | 'tombstones'
  | 'uploadLeases'
>;

export interface ReclaimStorageInput {
  /** Of the workflow's run. */
  readonly id: string;
  readonly settings: ReclaimSettings;
}

export interface ReclaimStorageResult {
  readonly outcome: Exclude<ReclaimOutcome, 'failed'>;
  readonly reason: string | null;
  readonly plannedBytes: number;
  readonly beforeBytes: number | null;
  readonly afterBytes: number | null;
  readonly leasedBlobs: number;
  readonly reclaimedTombstones: number;
}

export interface EndReclaimInput {
  readonly id: string;
  readonly reason: string;
}

export interface ReclaimActivities {
  /**
   * Closes pushes, waits until what is under way has ended, holds what pushers were told of, runs the collector and opens again,
   * whatever happens. Throws COLLECTOR_FAILED, REGISTRY_UNAVAILABLE, LEDGER_UNAVAILABLE.
   */
  reclaimStorage(input: ReclaimStorageInput): Promise<ReclaimStorageResult>;
  /** After a worker that died: opens what it had closed, and notes that it failed. */
  abandonReclaim(input: EndReclaimInput): Promise<void>;
}

export function createReclaimActivities(deps: ReclaimDeps): ReclaimActivities {
  return {
    reclaimStorage: (input) => reclaimStorage(deps, input),
    abandonReclaim: (input) => abandonReclaim(deps, input),
  };
}

/** Until an attempt that nobody hears of has seen that it lost its seal. */
const LOST_MS = 30_000;

async function abandonReclaim(deps: ReclaimDeps, { id, reason }: EndReclaimInput): Promise<void> {
  const ours = await takeOver(deps, LOST_MS);
  if (ours) await deps.reclaimer?.stop();
  const isOpened = ours !== null && (await openAgain(deps, ours));
  const at = deps.now().toISOString();
  await deps.reclaims.tell(id, {
    state: 'failed',
    reason,
    endedAt: at,
    ...(isOpened && { openedAt: at }),
  });
}
