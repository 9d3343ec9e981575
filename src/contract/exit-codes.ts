import type { ReleaseOutcome } from '../domain/release';

/**
 * Exit code of `promote --wait` and `watch` by how the release ended (docs/cli.md). Up to 8 they mean
 * what the error table says; 9 to 11 let a pipeline tell a decision of people from a failure.
 */
export const OUTCOME_EXITS = {
  released: 0,
  rejected: 8,
  aborted: 9,
  superseded: 10,
  preempted: 11,
  unchanged: 0,
  failed: 1,
} as const satisfies Record<ReleaseOutcome, number>;

/** As shells report a process ended by Ctrl-C. */
export const INTERRUPTED_EXIT = 130;
