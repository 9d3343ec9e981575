import type { Verdict } from './verdict';

/** A verdict as the ledger keeps it. */
export interface RecordedVerdict {
  readonly releaseId: string;
  /** Temporal run of the release's workflow, or of a rescan. */
  readonly runId: string;
  readonly policyHash: string;
  /** RFC 3339. */
  readonly at: string;
  readonly verdict: Verdict;
}

/** The newest verdict of a gate and subject in a run: a window is judged at every checkpoint, and the last answer stands. */
export interface StandingVerdict extends RecordedVerdict {
  /** How many different answers the run recorded for this gate and subject. */
  readonly judged: number;
}
