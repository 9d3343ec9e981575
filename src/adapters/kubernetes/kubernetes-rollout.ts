import { ReleaseError } from '../../contract/errors';
import type { ImageRef } from '../../domain/reference';
import type { CandidateWrite, Rollout, RolloutState, RolloutWrite } from '../../ports/rollout';
import { absence, runDrift, serviceDrift } from './drift';
import { createExplainer } from './explain';
import { refuseDrift, refuseIfFenced, type Direction } from './fencing';
import { createKubeClient } from './kube-client';
import { failed } from './kube-errors';
import { SERVICE_PORT, urlOf, type At } from './manifests';
import { runName } from './names';
import type { KubernetesOptions } from './options';
import {
  candidatePercent,
  NOTHING_PLACED,
  placedImages,
  trackOf,
  withCandidate,
  withoutCandidate,
  withoutStable,
  withStable,
  type Placement,
} from './placement';
import { createRoutes, type Routes, type RouteView } from './routes';
import { stopRun, sweepRuns } from './run-clearing';
import { findDeployment, findService, type RunContext } from './run-context';
import { awaitReady, troubleOf } from './run-health';
import { ensureRun } from './run-placing';
import type { Deployment, Placed, Service } from './schema';

interface Target {
  readonly options: KubernetesOptions;
  readonly routes: Routes;
  readonly runs: RunContext;
}

interface Start {
  readonly write: CandidateWrite;
  readonly placed: Placed;
  readonly readyTimeoutMs: number;
}

/**
 * A cluster as rollout target: one Deployment and Service for each digest that runs, and one HTTPRoute (Gateway API) for
 * each service, whose weights are the split and whose annotations are the record. docs/kubernetes.md says how it works.
 */
export function createKubernetesRollout(options: KubernetesOptions): Rollout {
  const client = createKubeClient(options);
  const target: Target = {
    options,
    routes: createRoutes(client, options),
    runs: { client, options, explain: createExplainer(client) },
  };
  const { maxWarm } = options;
  return {
    startCandidate: (write, image, healthPath, readyTimeoutMs) =>
      startThen(
        target,
        startOf(write, image, healthPath, readyTimeoutMs),
        'forward',
        (state, placed) => withCandidate(state, placed, write.epoch),
      ),
    setCandidatePercent: (write, candidate, percent) =>
      setPercent(target, write, candidate, percent),
    makeStable: (write, image, healthPath, readyTimeoutMs) =>
      startThen(
        target,
        startOf(write, image, healthPath, readyTimeoutMs),
        'back',
        (state, placed) => withStable(state, placed, maxWarm, write.former),
      ),
    withdrawCandidate: (write) => takeAway(target, write, withoutCandidate),
    clearStable: (write) => takeAway(target, write, withoutStable),
    getState: (svc, env, since) => readState(target, { svc, env }, since),
    trackUrl: async (svc, env, track) => {
      const seen = await target.routes.read({ svc, env });
      const placed = seen?.placement[track];
      const host = placed && `${runName(svc, placed.digest)}.${options.namespaces[env]}.svc`;
      return host ? `http://${host}:${SERVICE_PORT}` : null;
    },
  };
}

function startOf(
  write: CandidateWrite,
  { repository, digest }: ImageRef,
  healthPath: string,
  readyTimeoutMs: number,
): Start {
  return { write, placed: { repository, digest, healthPath }, readyTimeoutMs };
}

/** Fences older writers, starts the digest, and gives it its place once it is ready. */
async function startThen(
  target: Target,
  { write, placed, readyTimeoutMs }: Start,
  direction: Direction,
  next: (state: Placement, placed: Placed) => Placement,
): Promise<RolloutState> {
  const { routes, runs } = target;
  const { placement } = await routes.fence(write, direction);
  const known = trackOf(placement, placed.digest);
  const wanted = direction === 'back' ? 'stable' : 'candidate';
  const track = known === 'withdrawn' ? wanted : known;
  await ensureRun(runs, { write, placed, track, readyTimeoutMs, direction });
  const failure = await awaitReady(runs, write, placed, readyTimeoutMs);
  if (failure) {
    await abandon(target, write, placed);
    throw failure;
  }
  if (placement.stable === null) await write.beforeServing?.();
  const changed = await routes.change(write, direction, (state) => next(state, placed));
  await routes.confirm(write, direction);
  await sweepQuietly(target, write, changed.placement);
  return stateAfter(target, write, changed);
}

/** A start that failed leaves nothing running, unless the digest has a place already or a newer writer took over. */
async function abandon(
  { routes, runs }: Target,
  write: RolloutWrite,
  placed: Placed,
): Promise<void> {
  const seen = await routes.read(write);
  const placement = seen?.placement ?? NOTHING_PLACED;
  refuseIfFenced(write, placement.epoch);
  if (!placedImages(placement).some(({ digest }) => digest === placed.digest)) {
    await stopRun(runs, write, placed.digest);
  }
}

async function setPercent(
  target: Target,
  write: RolloutWrite,
  candidate: string,
  percent: number,
): Promise<RolloutState> {
  const { routes } = target;
  if (!Number.isInteger(percent) || percent < 0 || percent > 100) {
    throw new ReleaseError('INVALID_INPUT', `a share of ${percent} % is not 0 to 100`);
  }
  const direction = percent === 0 ? 'back' : 'forward';
  const { placement } = await routes.fence(write, direction);
  if (percent > placement.percent && placement.candidate?.digest === candidate) {
    await refuseUnlessWell(target, write, placement.candidate);
  }
  const changed = await routes.change(write, direction, (state) => {
    if (state.candidate?.digest !== candidate) {
      const now = state.candidate?.digest ?? 'nothing';
      throw failed(
        `${candidate} is not the candidate, ${now} is`,
        'Start it as the candidate first.',
      );
    }
    return { ...state, percent };
  });
  await routes.confirm(write, direction);
  return stateAfter(target, write, changed);
}

/** No more requests for a candidate that has crashed, was evicted or is another image by now. */
async function refuseUnlessWell({ runs, options }: Target, at: At, placed: Placed): Promise<void> {
  const deployment = await findDeployment(runs, at, placed.digest);
  const drift = deployment && runDrift(deployment, placed, options.registryHost);
  if (typeof drift === 'string') {
    throw refuseDrift(drift);
  }
  const trouble = await troubleOf(runs, at, { placed, deployment });
  if (trouble !== null) {
    throw failed(
      trouble,
      'The candidate is withdrawn; mend what the message names, then release again.',
    );
  }
}

/** Traffic first: what is stopped afterwards gets no more requests. */
async function takeAway(
  target: Target,
  write: RolloutWrite,
  next: (state: Placement) => Placement,
): Promise<RolloutState> {
  const changed = await target.routes.change(write, 'back', next);
  await target.routes.confirm(write, 'back');
  await sweepRuns(target.runs, write, changed.placement, false);
  return stateAfter(target, write, changed);
}

/** Traffic is right already; what could not be cleared away is cleared by the next write. */
async function sweepQuietly(
  { runs, options }: Target,
  write: RolloutWrite,
  placement: Placement,
): Promise<void> {
  try {
    await sweepRuns(runs, write, placement, true);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    options.onNotice(`leftovers stay for now: ${why}`, write);
  }
}

function stateAfter({ options }: Target, at: At, { placement, drift }: RouteView): RolloutState {
  if (drift !== null) {
    options.onNotice(`put right: ${drift}`, at);
  }
  return describe(options, at, placement, drift === null ? [] : [drift]);
}

async function readState(
  { options, routes, runs }: Target,
  at: At,
  since: string | undefined,
): Promise<RolloutState> {
  const seen = await routes.read(at);
  const placement = seen?.placement ?? NOTHING_PLACED;
  const looks = await Promise.all(placedImages(placement).map((one) => lookAt(runs, at, one)));
  const drift = [
    seen?.drift ?? null,
    ...looks.flatMap((look) => driftOf(options, at, placement, look)),
  ].filter((one) => one !== null);
  const candidate = looks.find(({ placed }) => placed.digest === placement.candidate?.digest);
  const trouble = candidate ? await troubleOf(runs, at, { ...candidate, since }) : null;
  return { ...describe(options, at, placement, drift), ...(trouble === null ? {} : { trouble }) };
}

interface Look {
  readonly placed: Placed;
  readonly deployment: Deployment | null;
  readonly service: Service | null;
}

async function lookAt(runs: RunContext, at: At, placed: Placed): Promise<Look> {
  const [deployment, service] = await Promise.all([
    findDeployment(runs, at, placed.digest),
    findService(runs, at, placed.digest),
  ]);
  return { placed, deployment, service };
}

/** What is missing of a candidate is its trouble, and of a former stable nobody's: the way back makes it again. */
function driftOf(
  { registryHost }: KubernetesOptions,
  { svc }: At,
  { stable }: Placement,
  { placed, deployment, service }: Look,
): readonly (string | null)[] {
  const isStable = stable?.digest === placed.digest;
  return [
    isStable ? absence(runName(svc, placed.digest), deployment) : null,
    deployment && runDrift(deployment, placed, registryHost),
    deployment && serviceDrift(svc, service, placed),
  ];
}

function describe(
  { urls }: KubernetesOptions,
  { svc, env }: At,
  placement: Placement,
  drift: readonly string[],
): RolloutState {
  const warm = placement.warm.map(({ digest }) => digest);
  return {
    svc,
    env,
    epoch: placement.epoch,
    stable: placement.stable?.digest ?? null,
    candidate: placement.candidate?.digest ?? null,
    candidatePercent: candidatePercent(placement),
    url: urlOf({ svc, env }, urls),
    ...(warm.length === 0 ? {} : { warm }),
    ...(drift.length === 0 ? {} : { drift }),
  };
}
