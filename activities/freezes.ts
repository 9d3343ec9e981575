import {
  askAgainInMs,
  decideEdge,
  describeFrozen,
  stretchesOf,
  type EdgeName,
  type EdgeState,
  type FreezeEnvironment,
} from '../src/domain/freeze';
import type { Deps } from './deps';
import { frozen, notYet } from './failures';
import { findScanFault, type ScannedDigest } from './scan-stands';

export interface EdgeStateInput {
  readonly svc: string;
  readonly env: FreezeEnvironment;
  readonly edge: EdgeName;
  /** Of a write: the scan of what it moves has to stand too. */
  readonly scanned?: ScannedDigest;
}

export interface AwaitEdgeInput extends EdgeStateInput {
  /** What is known of it, as `describeFrozen` says it. */
  readonly known: string;
}

export interface FreezeActivities {
  /** Whether a release may pass an edge now. Throws LEDGER_UNAVAILABLE: what could not be asked is not open. */
  edgeState(input: EdgeStateInput): Promise<EdgeState>;
  /**
   * Done once the edge is open, or closed by something else than is known. Until then each attempt fails as not yet, to be tried again
   * when that is worth it: the server retries for days without a line in the history of the release, and no worker waits.
   */
  awaitEdge(input: AwaitEdgeInput): Promise<void>;
}

/** A row of freezes that goes on longer is closed until then, and asked about again. */
const HORIZON_MS = 35 * 86_400_000;

type EdgeDeps = Pick<Deps, 'freezes' | 'freezeCalendar' | 'now'>;
export type FreezeDeps = EdgeDeps & Pick<Deps, 'allowList' | 'ledger'>;

export function createFreezeActivities(deps: EdgeDeps): FreezeActivities {
  return {
    edgeState: (edge) => edgeState(deps, edge),
    async awaitEdge({ known, ...edge }): Promise<void> {
      const state = await edgeState(deps, edge);
      if (state.state === 'open') return;
      const why = describeFrozen(state);
      if (why === known) throw notYet(why, askAgainInMs(state, deps.now().getTime()));
    },
  };
}

export async function edgeState(deps: EdgeDeps, edge: EdgeStateInput): Promise<EdgeState> {
  const { freezes, stops } = await deps.freezes.covering(edge.svc);
  const nowMs = deps.now().getTime();
  const { expand } = deps.freezeCalendar;
  const stretches = freezes.flatMap((freeze) =>
    stretchesOf(freeze, expand, nowMs, nowMs + HORIZON_MS),
  );
  return decideEdge({ edge, nowMs, freezes: stretches, stops });
}

/**
 * For a write behind an edge, in each of its attempts: they may go on long after the edge was passed. Throws a failure FROZEN, which is
 * not tried again, or LEDGER_UNAVAILABLE.
 */
export async function requireOpen(deps: FreezeDeps, edge?: EdgeStateInput): Promise<void> {
  if (!edge) return;
  const state = await edgeState(deps, edge);
  if (state.state === 'frozen') throw frozen(describeFrozen(state));
  if (!edge.scanned) return;
  const { fault } = await findScanFault(deps, edge.svc, edge.scanned);
  // The workflow passes the edge anew, and is refused there.
  if (fault !== null) throw frozen(fault);
}
