/** Temporal task queues. Rollback has its own worker, so a busy or dead release worker never delays it. */
export const TASK_QUEUES = {
  /** Releases and their activities: slow, heavy. */
  release: 'plura-release',
  /** Lanes, rollbacks and their activities: quick, few. */
  control: 'plura-control',
} as const;
