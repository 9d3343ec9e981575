import { setFlagsFromString } from 'node:v8';
import type { WorkerOptions } from '@temporalio/worker';
import type { TASK_QUEUES } from '../contract/queues';

export type WorkerRole = keyof typeof TASK_QUEUES;

/** An activity hears of its cancellation when it heartbeats: an abort is obeyed within seconds. */
const HEARTBEATS = { maxHeartbeatThrottleInterval: '1s' } as const;

/**
 * Above the 1,000 that a worker is measured with: the one too many is put out of memory, has to come back by the shared queue, and waits
 * there for minutes as long as the worker's own queue is never empty.
 */
const MAX_CACHED_RELEASES = 1200;

/** The control worker is small and quick to be missed: a dead one costs a rollback two seconds, not ten. */
export function workerTuning(role: WorkerRole, maxActivities: number): Partial<WorkerOptions> {
  return role === 'control'
    ? {
        ...HEARTBEATS,
        maxCachedWorkflows: 500,
        stickyQueueScheduleToStartTimeout: '2s',
        shutdownGraceTime: '5s',
        shutdownForceTime: '10s',
      }
    : {
        ...HEARTBEATS,
        maxConcurrentActivityTaskExecutions: maxActivities,
        maxCachedWorkflows: MAX_CACHED_RELEASES,
        stickyQueueScheduleToStartTimeout: '10s',
        shutdownGraceTime: '10s',
        shutdownForceTime: '20s',
      };
}

/**
 * V8 lets a heap double before it collects the old part, in each of the two isolates: hundreds of MB of garbage with 1,000 releases.
 * Before the first worker is created, since an isolate takes the flag as it starts (`node --v8-options`).
 */
export function keepHeapsTight(): void {
  setFlagsFromString('--heap-growing-percent=20');
}
