import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseError } from '../../contract/errors';
import type { RolloutWrite } from '../../ports/rollout';
import { argoPath, type ArgoContext, type Desired } from './argo-objects';
import { diagnose } from './diagnosis';
import { tell } from './explain';
import { failed } from './kube-errors';
import { PATHS } from './kube-paths';
import type { At } from './manifests';
import { objectName } from './names';
import { diagnoseSince } from './pod-history';
import { sentenceOf } from './readiness';
import { ArgoRollout, PodList } from './schema';

export type Progress =
  | { readonly state: 'settled' }
  | { readonly state: 'waiting'; readonly detail: string }
  | { readonly state: 'failed'; readonly reason: string };

/** As `kubectl argo rollouts status` sees it: a status about an older generation says nothing. */
export function phaseOf({ metadata, status }: ArgoRollout): string {
  const observed = Number(status.observedGeneration);
  const stale = Number.isInteger(observed) && observed < metadata.generation;
  const unpausing = status.controllerPause && (status.pauseConditions ?? []).length === 0;
  return stale || unpausing ? 'Progressing' : status.phase;
}

export function progressOf(rollout: ArgoRollout, desired: Desired | null): Progress {
  const { status } = rollout;
  const phase = phaseOf(rollout);
  const said = sentenceOf({ reason: phase, message: status.message });
  if (desired === null) {
    return phase === 'Progressing' ? { state: 'waiting', detail: said } : { state: 'settled' };
  }
  if (phase === 'Degraded') {
    return { state: 'failed', reason: status.message === '' ? phase : status.message };
  }
  const promoted = status.stableRS !== '' && status.stableRS === status.currentPodHash;
  if (desired.percent === null) {
    return phase === 'Healthy' && promoted
      ? { state: 'settled' }
      : { state: 'waiting', detail: said };
  }
  if (phase === 'Healthy' && promoted) {
    return { state: 'failed', reason: 'somebody promoted it in Argo: it has all traffic' };
  }
  const weight = status.canary.weights?.canary?.weight;
  return phase === 'Paused' && (weight === undefined || weight === desired.percent)
    ? { state: 'settled' }
    : { state: 'waiting', detail: weight === undefined ? said : `${said}, at ${weight} %` };
}

/** The error to throw when Argo does not get there in time, with the cause; null = it did. Throws what aborts `at.signal`. */
export async function awaitArgo(
  context: ArgoContext,
  at: At & Pick<RolloutWrite, 'signal'>,
  desired: Desired | null,
  timeoutMs: number,
): Promise<ReleaseError | null> {
  const deadline = Date.now() + timeoutMs;
  const name = `Rollout ${objectName(at.svc)} in ${at.env}`;
  const remedy = 'See `kubectl argo rollouts get rollout`; mend what it says, then release again.';
  for (;;) {
    const rollout = await context.client.find(argoPath(context, at), ArgoRollout);
    if (!rollout) {
      return failed(`${name} is gone: somebody deleted it`, remedy);
    }
    const progress = progressOf(rollout, desired);
    if (progress.state === 'settled') {
      return null;
    }
    if (progress.state === 'failed' || Date.now() >= deadline) {
      const seen = progress.state === 'failed' ? progress.reason : progress.detail;
      const cause = await causeIn(context, at, rollout);
      const why = cause === null ? seen : `${seen}; ${cause}`;
      return failed(`${name} did not get there within ${timeoutMs} ms: ${why}`, remedy);
    }
    await sleep(context.options.pollMs, undefined, { signal: at.signal });
  }
}

/** What is wrong with the pods of the newest version; null = nothing to be seen. */
async function causeIn(
  { client, options }: ArgoContext,
  { env }: At,
  { status, spec }: ArgoRollout,
  look: typeof diagnose = diagnose,
): Promise<string | null> {
  const namespace = options.namespaces[env];
  const labelSelector = `rollouts-pod-template-hash=${status.currentPodHash}`;
  if (!/^[a-z0-9]+$/.test(status.currentPodHash)) {
    return null;
  }
  const { items } = await client.list(
    PATHS.pods(namespace),
    { labelSelector, limit: '50' },
    PodList,
  );
  const container = options.container ?? spec.template?.spec.containers[0]?.name;
  const found = look(items, container);
  return found && tell(client, namespace, found, container);
}

/** Why a candidate does not stand where it was left, or did not keep running since (RFC 3339); null = nothing to be seen. */
export async function argoTroubleSince(
  context: ArgoContext,
  at: At,
  rollout: ArgoRollout,
  { desired, since }: { readonly desired: Desired | null; readonly since: string | undefined },
): Promise<string | null> {
  const trouble = argoTrouble(rollout, desired);
  if (since === undefined) return trouble;
  const look: typeof diagnose = trouble
    ? diagnose
    : (pods, container) => diagnoseSince(pods, Date.parse(since), container);
  const cause = await causeIn(context, at, rollout, look);
  return [trouble, cause].filter((part) => part !== null).join('; ') || null;
}

/** Why a candidate does not stand where it was left; null = it does. */
export function argoTrouble(rollout: ArgoRollout, desired: Desired | null): string | null {
  const progress = progressOf(rollout, desired);
  return progress.state === 'failed' ? progress.reason : null;
}
