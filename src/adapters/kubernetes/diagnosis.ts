import { CONTAINER } from './manifests';
import { conditionOf, sentenceOf } from './readiness';
import type { ContainerStatus, Pod } from './schema';

export interface Diagnosis {
  /** The pod that shows it. */
  readonly pod: string;
  /** One sentence. */
  readonly cause: string;
  /** The version's own doing, which no other node or retry will cure. */
  readonly crashed: boolean;
  /** Whose last lines say more: the container's now, or the one before the last restart. */
  readonly log: 'none' | 'current' | 'previous';
  /** The container runs and its probe fails: events say how. */
  readonly probe: boolean;
}

const IMAGE_REASONS = ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'];

/** The worst that can be seen of a version's pods, newest pods first where they are equally ill; null = they are well. */
export function diagnose(pods: readonly Pod[], container = CONTAINER): Diagnosis | null {
  const newest = [...pods].sort((a, b) =>
    b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp),
  );
  for (const look of [crash, pull, eviction, start, placement, probe]) {
    for (const pod of newest) {
      const status = pod.status.containerStatuses.find(({ name }) => name === container);
      const found = look(pod, status);
      if (found) {
        return { pod: pod.metadata.name, crashed: false, log: 'none', probe: false, ...found };
      }
    }
  }
  return null;
}

type Finding = Partial<Diagnosis> & { readonly cause: string };

function crash(pod: Pod, status: ContainerStatus | undefined): Finding | null {
  const now = status?.state.terminated;
  const ended = now ?? status?.lastState.terminated;
  const looping = status?.state.waiting?.reason === 'CrashLoopBackOff';
  if (!status || (!looping && now === undefined) || pod.status.reason === 'Evicted') {
    return null;
  }
  return { ...ending(status, ended), log: now ? 'current' : 'previous' };
}

type Ended = NonNullable<ContainerStatus['state']['terminated']>;

/** The node went, not the container. */
export function isLost({ reason }: Ended): boolean {
  return reason === 'ContainerStatusUnknown' || reason === 'Unknown';
}

export function ending(
  { restartCount }: ContainerStatus,
  ended: Ended | undefined,
): Pick<Diagnosis, 'cause' | 'crashed'> {
  const why = ended
    ? ` with code ${ended.exitCode}${ended.reason ? ` (${ended.reason})` : ''}`
    : '';
  return { cause: `its container ended${why}, ${restartCount} restarts`, crashed: true };
}

function pull(_pod: Pod, status: ContainerStatus | undefined): Finding | null {
  const waiting = status?.state.waiting;
  return waiting && IMAGE_REASONS.includes(waiting.reason)
    ? { cause: `its image can't be pulled: ${sentenceOf(waiting)}` }
    : null;
}

export function eviction(pod: Pod): Finding | null {
  const { phase, reason, conditions } = pod.status;
  const disrupted = conditionOf(conditions, 'DisruptionTarget');
  if (phase === 'Failed' && reason === 'Evicted') {
    return { cause: `it was evicted: ${pod.status.message}` };
  }
  return disrupted?.status === 'True'
    ? { cause: `it was evicted: ${sentenceOf(disrupted)}` }
    : null;
}

/** CreateContainerConfigError (a missing Secret), CreateContainerError, RunContainerError and others. */
function start(_pod: Pod, status: ContainerStatus | undefined): Finding | null {
  const waiting = status?.state.waiting;
  return waiting && waiting.reason.endsWith('Error')
    ? { cause: `its container can't be started: ${sentenceOf(waiting)}` }
    : null;
}

function placement(pod: Pod): Finding | null {
  const scheduled = conditionOf(pod.status.conditions, 'PodScheduled');
  return scheduled?.status === 'False'
    ? { cause: `no node takes it: ${sentenceOf(scheduled)}` }
    : null;
}

function probe(_pod: Pod, status: ContainerStatus | undefined): Finding | null {
  if (!status || status.ready || status.state.waiting) {
    return null;
  }
  return { cause: 'its container runs but is not ready', log: 'current', probe: true };
}
