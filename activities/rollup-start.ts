import { ReleaseError } from '../src/contract/errors';
import { inParallel } from '../src/contract/in-parallel';
import { SYSTEM_ACTOR } from '../src/domain/actor';
import { describeFrozen, EDGES } from '../src/domain/freeze';
import type { RollupSettings } from '../src/domain/rollup/policy';
import type { RollupTask } from '../src/domain/rollup/report';
import type { Deps } from './deps';
import { edgeState } from './freezes';
import { planRollup, type PlanDeps } from './rollup-plan';

export interface StartRebuildsInput {
  /** The workflow of the rollup. */
  readonly rollup: string;
  readonly tasks: readonly RollupTask[];
  readonly settings: Pick<RollupSettings, 'optOuts' | 'unknownSource'>;
  readonly always: boolean;
  /** Who asked for the rollup; null: the system. */
  readonly by: string | null;
  /** RFC 3339: the rollup's, by which versions are named. */
  readonly at: string;
}

export type StartedRebuild = { readonly svc: string } & (
  | { readonly kind: 'started' }
  /** Not now: a freeze, or a lane that is busy, held or full. */
  | { readonly kind: 'not-now'; readonly why: string }
  /** Another release stands on the newest bases. */
  | { readonly kind: 'done'; readonly why: string }
  /** Another digest is stable, or what is known of it changed: this is planned instead, and nothing was started. */
  | { readonly kind: 'replanned'; readonly task: RollupTask }
  | { readonly kind: 'failed'; readonly why: string }
);

export type StartDeps = PlanDeps & Pick<Deps, 'freezes' | 'freezeCalendar' | 'rebuildLanes'>;

const AT_ONCE = 4;

/** Asks the lanes for these rebuilds, in the order given; what was asked for by an attempt before is found. */
export async function startRebuilds(
  deps: StartDeps,
  input: StartRebuildsInput,
): Promise<readonly StartedRebuild[]> {
  const begun = await deps.rollups.sight(
    input.tasks.map(({ svc, releaseId }) => ({ svc, releaseId: releaseId ?? '' })),
  );
  const isBegun = new Set(begun.flatMap((one) => (one.stage === null ? [] : one.svc)));
  const rest = input.tasks.filter(({ svc }) => !isBegun.has(svc));
  const { always, settings, at } = input;
  const only = rest.map(({ svc }) => svc);
  const fresh =
    only.length === 0 ? { tasks: [] } : await planRollup(deps, { only, settings, always, at });
  return inParallel(input.tasks, AT_ONCE, async (task): Promise<StartedRebuild> => {
    const { svc } = task;
    if (isBegun.has(svc)) return { svc, kind: 'started' };
    const now = fresh.tasks.find((one) => one.svc === svc);
    if (!now) return { svc, kind: 'done', why: 'another release stands on the newest bases' };
    // After another release got in between, it has no version yet.
    if (now.state !== 'waiting' || now.digest !== task.digest || task.version === null) {
      return { svc, kind: 'replanned', task: now };
    }
    return start(deps, input, task);
  });
}

async function start(
  deps: StartDeps,
  { rollup, by }: StartRebuildsInput,
  task: RollupTask,
): Promise<StartedRebuild> {
  const { svc, source, version, releaseId, digest: of } = task;
  const service = deps.services.find((one) => one.svc === svc);
  if (!service || !source || version === null || releaseId === null) {
    return { svc, kind: 'failed', why: 'it was planned without a source' };
  }
  const lane = await deps.rebuildLanes.look(svc);
  if (lane.releases.includes(releaseId)) return { svc, kind: 'started' };
  const why = lane.closed ?? busyWith(lane.releases) ?? (await frozenBy(deps, svc));
  if (why !== null) return { svc, kind: 'not-now', why };
  const requestedAt = deps.now().toISOString();
  const { path, revision } = source;
  // Not the system's, or who asked could approve it.
  const requestedBy = by === null ? SYSTEM_ACTOR : { subject: by, roles: [] };
  const order = {
    ...{ service, releaseId, version, revision, path },
    ...{ requestedAt, requestedBy, of, rollup },
  };
  try {
    await deps.rebuildLanes.submit(order);
    return { svc, kind: 'started' };
  } catch (error) {
    if (!(error instanceof ReleaseError) || error.code.endsWith('_UNAVAILABLE')) throw error;
    const isClosed = error.code === 'LANE_HELD' || error.code === 'LANE_FULL';
    return { svc, kind: isClosed ? 'not-now' : 'failed', why: error.message };
  }
}

/** A release of people wins: it may stand on the newest bases by itself. */
function busyWith([first]: readonly string[]): string | null {
  return first === undefined ? null : `its lane is busy with ${first}`;
}

/** A release would wait before the edge, and keep its lane from everybody else meanwhile. */
async function frozenBy(deps: StartDeps, svc: string): Promise<string | null> {
  for (const edge of EDGES) {
    const state = await edgeState(deps, { svc, ...edge });
    if (state.state === 'frozen') return describeFrozen(state);
  }
  return null;
}
