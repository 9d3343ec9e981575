export interface CollectorRun {
  /** Milliseconds; then it is killed. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** What it does just now, for people. */
  readonly note: (text: string) => void;
}

export interface CollectorEnd {
  /** Blobs that it deleted, by what it said. */
  readonly blobs: number;
}

/** Takes back the disk of what no manifest names any more. Throws ReleaseError COLLECTOR_FAILED. */
export interface Reclaimer {
  /** online: the registry does it by itself, and takes pushes meanwhile; then there is nothing to run. */
  readonly kind: 'offline' | 'online';
  /** Bytes of the registry's storage; null where that can't be measured from here. */
  measure(signal: AbortSignal): Promise<number | null>;
  /** Runs the collector to its end. It never outlives its deadline or the signal; this process, only as far as `stop` ends it. */
  collect(run: CollectorRun): Promise<CollectorEnd>;
  /** Makes sure that none runs which a worker that died had started. */
  stop(): Promise<void>;
}
