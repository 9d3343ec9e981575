/**
 * Environment of a release worker's process, for 1,000 running releases within 1 GB (docs/benchmarks.md, fleet): glibc would keep an
 * arena a thread, and what was freed in each (mallopt(3)).
 */
export const RELEASE_WORKER_ENVIRONMENT = {
  NODE_OPTIONS: '--max-semi-space-size=4',
  MALLOC_ARENA_MAX: '2',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '131072',
} as const;
