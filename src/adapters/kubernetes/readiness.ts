import type { Condition, Deployment } from './schema';

export type Readiness =
  | { readonly state: 'ready' }
  | { readonly state: 'waiting'; readonly detail: string }
  | { readonly state: 'failed'; readonly reason: string };

/** Whether all pods that a Deployment wants are there and available (`kubectl rollout status` asks the same). */
export function readinessOf({ metadata, spec, status }: Deployment): Readiness {
  if (metadata.deletionTimestamp !== undefined) {
    return { state: 'failed', reason: 'it was deleted' };
  }
  if (spec.replicas === 0) {
    return { state: 'failed', reason: 'it was scaled to 0' };
  }
  if (status.observedGeneration < metadata.generation) {
    return { state: 'waiting', detail: 'the cluster has not looked at it yet' };
  }
  const { updatedReplicas, availableReplicas, replicas } = status;
  if (
    updatedReplicas >= spec.replicas &&
    availableReplicas >= spec.replicas &&
    replicas <= updatedReplicas
  ) {
    return { state: 'ready' };
  }
  const stuck = conditionOf(status.conditions, 'Progressing');
  if (stuck?.status === 'False') {
    return { state: 'failed', reason: sentenceOf(stuck) };
  }
  return {
    state: 'waiting',
    detail: `${availableReplicas} of ${spec.replicas} pods are available`,
  };
}

/** Why no pod could be made at all: quota, an admission rule. */
export function podsRefused({ status }: Deployment): string | null {
  const refused = conditionOf(status.conditions, 'ReplicaFailure');
  return refused?.status === 'True' ? sentenceOf(refused) : null;
}

export function conditionOf(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

export function sentenceOf({ reason, message }: Pick<Condition, 'reason' | 'message'>): string {
  return [reason, message].filter((part) => part !== '').join(': ');
}
