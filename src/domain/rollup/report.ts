import type { Digest } from '../digest';
import type { RollupCause, RollupItem } from '../rollup';

/** One base of a service, and the newest allowed one of its family. */
export interface BaseMove {
  readonly repository: string;
  readonly from: Digest;
  /** Null when the catalogue does not know the digest. */
  readonly fromTag: string | null;
  readonly to: Digest;
  readonly toTag: string;
}

/** One service in a rollup, with what is needed to go on with it. Times are RFC 3339. */
export interface RollupTask extends RollupItem {
  readonly owner: string;
  readonly moves: readonly BaseMove[];
  /** What was recorded of the build of `digest`; null when it can't be rebuilt. */
  readonly source: RollupSource | null;
  /** Of the rebuild; null while it has none. */
  readonly version: string | null;
  /** Rebuilds begun. */
  readonly attempt: number;
  /** Set while it may not be released: when it is tried again. */
  readonly retryAt: string | null;
  readonly rebuilt: Digest | null;
  /** Vulnerabilities that the scan of `digest` lists and that of the rebuild does not. */
  readonly fixed: readonly string[];
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export interface RollupSource {
  /** Below the source root. */
  readonly path: string;
  /** Of the release that is stable. */
  readonly version: string;
  readonly revision: string;
}

export interface RollupWave {
  readonly number: number;
  readonly size: number;
  readonly startedAt: string | null;
  /** Judged, and gone on from. */
  readonly endedAt: string | null;
}

/**
 * done: every service that could be rebuilt was, or failed by itself. held: the stop condition or the time held some. cancelled: a person
 * did. planned: it was a dry run.
 */
export type RollupOutcome = 'done' | 'held' | 'cancelled' | 'planned';

/** Result of a rollup, and what is shown of it meanwhile. */
export interface RollupReport {
  readonly id: string;
  readonly cause: RollupCause;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Null while it runs. */
  readonly outcome: RollupOutcome | null;
  /** Why it is paused, or held, or what it waits for. */
  readonly reason: string | null;
  readonly paused: boolean;
  /** The stop condition was met, or a person cancelled it: nothing more is started. */
  readonly stopped: 'condition' | 'cancelled' | null;
  /** The wave that is under way; 0 before the first. */
  readonly wave: number;
  /** Until when the wave that ended is watched. */
  readonly soakUntil: string | null;
  readonly waves: readonly RollupWave[];
  /** Services that stand on the newest bases already. */
  readonly current: number;
  readonly tasks: readonly RollupTask[];
  /** What became of the import of the newest bases, a sentence each, and what else people should know. */
  readonly notes: readonly string[];
}

export type RollupCounts = Readonly<Record<RollupItem['state'], number>>;

const NONE: RollupCounts = {
  waiting: 0,
  building: 0,
  promoting: 0,
  released: 0,
  unchanged: 0,
  failed: 0,
  held: 0,
  'opted-out': 0,
  'not-rebuildable': 0,
};

export function countStates(tasks: readonly Pick<RollupItem, 'state'>[]): RollupCounts {
  return tasks.reduce((counts, { state }) => ({ ...counts, [state]: counts[state] + 1 }), NONE);
}

export function describeCause(cause: RollupCause): string {
  switch (cause.kind) {
    case 'monthly':
      return 'the monthly renewal of bases';
    case 'asked':
      return `${cause.by}: ${cause.reason}`;
    case 'emergency':
      return `emergency, ${cause.advisory}${cause.by === undefined ? '' : `, asked for by ${cause.by}`}`;
  }
}
