import {
  decideEdge,
  stretchesOf,
  type EdgeName,
  type EdgeState,
  type FreezeEnvironment,
} from '../src/domain/freeze';
import type { Deps } from './deps';

export interface EdgeStateInput {
  readonly svc: string;
  readonly env: FreezeEnvironment;
  readonly edge: EdgeName;
}

export interface FreezeActivities {
  /** Whether a release may pass an edge now. Throws LEDGER_UNAVAILABLE: what could not be asked is not open. */
  edgeState(input: EdgeStateInput): Promise<EdgeState>;
}

/** A row of freezes that goes on longer is closed until then, and asked about again. */
const HORIZON_MS = 35 * 86_400_000;

export function createFreezeActivities(
  deps: Pick<Deps, 'freezes' | 'freezeCalendar' | 'now'>,
): FreezeActivities {
  return {
    async edgeState(edge): Promise<EdgeState> {
      const { freezes, stops } = await deps.freezes.covering(edge.svc);
      const nowMs = deps.now().getTime();
      const { expand } = deps.freezeCalendar;
      const stretches = freezes.flatMap((freeze) =>
        stretchesOf(freeze, expand, nowMs, nowMs + HORIZON_MS),
      );
      return decideEdge({ edge, nowMs, freezes: stretches, stops });
    },
  };
}
