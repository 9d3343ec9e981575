import { ReleaseError } from '../../contract/errors';
import type { CandidateWrite, Rollout, RolloutState, RolloutWrite } from '../../ports/rollout';
import { desiredOf, seeArgo, writeArgo, type ArgoContext } from './argo-objects';
import { argoTrouble, argoTroubleSince, awaitArgo } from './argo-progress';
import type { Direction } from './fencing';
import { createKubeClient } from './kube-client';
import { failed, unavailable } from './kube-errors';
import { urlOf, type At } from './manifests';
import type { ArgoOptions } from './options';
import {
  candidatePercent,
  NOTHING_PLACED,
  withCandidate,
  withoutCandidate,
  withoutStable,
  withStable,
  type Placement,
} from './placement';
import type { Placed } from './schema';

/**
 * Argo Rollouts as rollout target: sets the image of a Rollout by digest and its steps to the share that is asked for, and
 * follows its status. Argo runs the pods and splits the traffic. docs/kubernetes.md says what the Rollout needs.
 */
export function createArgoRollout(options: ArgoOptions): Rollout {
  const context: ArgoContext = { client: createKubeClient(options), options };
  return {
    startCandidate: (write, { repository, digest }, healthPath, readyTimeoutMs) =>
      start(context, write, 'forward', readyTimeoutMs, (state) =>
        withCandidate(state, { repository, digest, healthPath }, write.epoch),
      ),
    makeStable: (write, { repository, digest }, healthPath, readyTimeoutMs) =>
      start(context, write, 'back', readyTimeoutMs, (state) =>
        withStable(state, { repository, digest, healthPath }, 0),
      ),
    setCandidatePercent: (write, candidate, percent) =>
      setPercent(context, write, candidate, percent),
    withdrawCandidate: (write) => settle(context, write, 'back', withoutCandidate),
    clearStable: (write) => settle(context, write, 'back', withoutStable),
    getState: async (svc, env, since) => {
      const seen = await seeArgo(context, { svc, env });
      const placement = seen?.placement ?? NOTHING_PLACED;
      const desired = desiredOf(placement, options.registryHost);
      const trouble =
        seen && placement.candidate
          ? await argoTroubleSince(context, { svc, env }, seen.rollout, { desired, since })
          : null;
      const state = describe(options, { svc, env }, placement, seen?.drift ?? null);
      return { ...state, ...(trouble === null ? {} : { trouble }) };
    },
    trackUrl: async (svc, env, track) => {
      const seen = await seeArgo(context, { svc, env });
      const canary = seen?.rollout.spec.strategy.canary;
      const service = track === 'stable' ? canary?.stableService : canary?.canaryService;
      return seen?.placement[track] && service !== undefined
        ? `http://${service}.${options.namespaces[env]}.svc:${options.servicePort}`
        : null;
    },
  };
}

type Next = (placement: Placement) => Placement;

/** Sets the image and waits; what does not get ready is taken back, and the record only then says otherwise. */
async function start(
  context: ArgoContext,
  write: CandidateWrite,
  direction: Direction,
  readyTimeoutMs: number,
  next: Next,
): Promise<RolloutState> {
  const { options } = context;
  const desiredFor = (state: Placement): ReturnType<typeof desiredOf> =>
    desiredOf(next(state), options.registryHost);
  await askBeforeServing(context, write);
  const { placement: before, drift } = await writeArgo(context, write, direction, (state) => ({
    record: state,
    desired: desiredFor(state),
  }));
  const failure = await awaitArgo(context, write, desiredFor(before), readyTimeoutMs);
  if (failure) {
    await writeArgo(context, write, 'back', (state) => ({
      record: state,
      desired: desiredOf(state, options.registryHost),
    }));
    throw failure;
  }
  const { placement } = await writeArgo(context, write, direction, (state) => ({
    record: next(state),
    desired: desiredFor(state),
  }));
  return describe(options, write, placement, noted(options, write, drift));
}

/** Argo gives the first image all traffic as soon as it is ready, and asks nobody: so it is asked before the image is set. */
async function askBeforeServing(
  context: ArgoContext,
  { beforeServing, ...at }: CandidateWrite,
): Promise<void> {
  if (!beforeServing) return;
  const seen = await seeArgo(context, at);
  if (!seen?.placement.stable) await beforeServing();
}

async function setPercent(
  context: ArgoContext,
  write: RolloutWrite,
  candidate: string,
  percent: number,
): Promise<RolloutState> {
  if (!Number.isInteger(percent) || percent < 0 || percent > 100) {
    throw new ReleaseError('INVALID_INPUT', `a share of ${percent} % is not 0 to 100`);
  }
  const { registryHost } = context.options;
  const seen = await seeArgo(context, write);
  const before = seen?.placement ?? NOTHING_PLACED;
  const trouble = seen && argoTrouble(seen.rollout, desiredOf(before, registryHost));
  if (typeof trouble === 'string' && percent > before.percent && isCandidate(before, candidate)) {
    throw failed(trouble, 'The candidate is withdrawn; mend what Argo says, then release again.');
  }
  return settle(context, write, percent === 0 ? 'back' : 'forward', (state) => {
    if (!isCandidate(state, candidate)) {
      const now = state.candidate?.digest ?? 'nothing';
      throw failed(
        `${candidate} is not the candidate, ${now} is`,
        'Start it as the candidate first.',
      );
    }
    return { ...state, percent };
  });
}

function isCandidate(
  { candidate }: { readonly candidate: Placed | null },
  digest: string,
): boolean {
  return candidate?.digest === digest;
}

/** Writes what follows and waits until Argo has followed. */
async function settle(
  context: ArgoContext,
  write: RolloutWrite,
  direction: Direction,
  next: Next,
): Promise<RolloutState> {
  const { options } = context;
  const { placement, drift } = await writeArgo(context, write, direction, (state) => ({
    record: next(state),
    desired: desiredOf(next(state), options.registryHost),
  }));
  const desired = desiredOf(placement, options.registryHost);
  const failure = await awaitArgo(context, write, desired, options.settleTimeoutMs);
  if (failure) {
    // The order stands in the Rollout: going back, another look may find that Argo has followed it.
    throw direction === 'back' ? unavailable(failure.message, failure) : failure;
  }
  return describe(options, write, placement, noted(options, write, drift));
}

function noted({ onNotice }: ArgoOptions, at: At, drift: string | null): string | null {
  if (drift !== null) {
    onNotice(`put right: ${drift}`, at);
  }
  return drift;
}

function describe(
  { urls }: ArgoOptions,
  { svc, env }: At,
  placement: Placement,
  drift: string | null,
): RolloutState {
  return {
    svc,
    env,
    epoch: placement.epoch,
    stable: placement.stable?.digest ?? null,
    candidate: placement.candidate?.digest ?? null,
    candidatePercent: candidatePercent(placement),
    url: urlOf({ svc, env }, urls),
    ...(drift === null ? {} : { drift: [drift] }),
  };
}
