import type { EdgeView, FreezeCheck } from '../../contract/schema/api-freeze';
import {
  decideEdge,
  EDGES,
  stretchesOf,
  type EdgeState,
  type FreezeStretch,
} from '../../domain/freeze';
import type { ApiDependencies } from '../dependencies';
import { viewStretch } from './describe-freeze';

/** As far as the activity looks, so that both say the same `until`. */
const HORIZON_MS = 35 * 86_400_000;
const SHOWN = 5;

const OPEN = { cause: null, name: null, reason: null, by: null, since: null, until: null } as const;

/** What a release of the service would meet at each edge now, and the freezes to come. Throws LEDGER_UNAVAILABLE. */
export async function checkEdges(
  deps: Pick<ApiDependencies, 'freezes' | 'freezeCalendar' | 'now'>,
  svc: string,
): Promise<FreezeCheck> {
  const { freezes, stops } = await deps.freezes.covering(svc);
  const now = deps.now();
  const nowMs = now.getTime();
  const { expand } = deps.freezeCalendar;
  const stretches = freezes.flatMap((freeze) =>
    stretchesOf(freeze, expand, nowMs, nowMs + HORIZON_MS),
  );
  const edges = EDGES.map(({ env, edge }): EdgeView => {
    const state: EdgeState = decideEdge({
      edge: { svc, env, edge },
      nowMs,
      freezes: stretches,
      stops,
    });
    return { env, edge, ...OPEN, ...state };
  });
  return {
    svc,
    at: now.toISOString(),
    open: edges.every(({ state }) => state === 'open'),
    edges,
    next: toCome(stretches, nowMs),
  };
}

function toCome(stretches: readonly FreezeStretch[], nowMs: number): FreezeCheck['next'] {
  return stretches
    .filter(({ fromMs, toMs }) => fromMs > nowMs && Number.isFinite(toMs))
    .sort((one, two) => one.fromMs - two.fromMs)
    .slice(0, SHOWN)
    .map(({ name, scope, reason, ...stretch }) => ({
      ...viewStretch(stretch),
      name,
      environments: scope.environments,
      reason,
    }));
}
