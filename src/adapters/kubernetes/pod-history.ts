import { ending, eviction, isLost, type Diagnosis } from './diagnosis';
import { CONTAINER } from './manifests';
import { conditionOf } from './readiness';
import type { Pod } from './schema';

/**
 * A container that ended, or a pod that its node had no room for, at `since` (ms since the epoch) or later, though others serve by now;
 * null = none. Pods that are deleted, as by a drain or an autoscaler, and those that went with their node are none.
 */
export function diagnoseSince(
  pods: readonly Pod[],
  since: number,
  container = CONTAINER,
): Diagnosis | null {
  // Kubernetes tells times in whole seconds.
  const sinceMs = Math.floor(since / 1000) * 1000;
  for (const pod of pods) {
    const found = evicted(pod, sinceMs) ?? ended(pod, sinceMs, container);
    if (found) {
      return { pod: pod.metadata.name, crashed: false, log: 'none', probe: false, ...found };
    }
  }
  return null;
}

type Found = Partial<Diagnosis> & Pick<Diagnosis, 'cause'>;

const isAfter = (sinceMs: number, time: string | null | undefined): boolean =>
  Date.parse(time ?? '') >= sinceMs;

function evicted(pod: Pod, sinceMs: number): Found | null {
  const { reason, conditions } = pod.status;
  const at = conditionOf(conditions, 'DisruptionTarget')?.lastTransitionTime;
  const times = [at, pod.metadata.creationTimestamp];
  return reason === 'Evicted' && times.some((time) => isAfter(sinceMs, time))
    ? eviction(pod)
    : null;
}

function ended({ metadata, status }: Pod, sinceMs: number, container: string): Found | null {
  const found = status.containerStatuses.find(({ name }) => name === container);
  const now = found?.state.terminated;
  const last = now ?? found?.lastState.terminated;
  const isRemoved = status.phase !== 'Running' || metadata.deletionTimestamp != null;
  if (!found || !last || isRemoved || isLost(last) || !isAfter(sinceMs, last.finishedAt)) {
    return null;
  }
  return { ...ending(found, last), log: now ? 'current' : 'previous' };
}
