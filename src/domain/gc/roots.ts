import type { Digest } from '../digest';
import type { ChannelName } from '../reference';

export type RootReason =
  | 'channel'
  | 'channel-history'
  | 'live-workload'
  | 'revert-key'
  | 'release-in-flight'
  | 'lease'
  | 'hold'
  | 'worm-hold'
  | 'base-in-use'
  | 'grant'
  | 'quarantine-evidence';

/** Keeps a digest in every repository that has it, with all it is made of and all that is attached to it. */
export interface Root {
  readonly digest: Digest;
  readonly reason: RootReason;
  /** For people: `prod:stable of checkout`, `hold 3f… by ana: incident 12`. */
  readonly detail: string;
}

/** How far a digest ever got, by the ledger's channel moves. Times are ms since the epoch. */
export interface Reach {
  readonly digest: Digest;
  readonly channel: ChannelName;
  /** When it last was there: now, while it still is. */
  readonly lastAtMs: number;
}

/** Of one moment, as a whole: a source that could not be read makes `missing`, and then nothing is planned. */
export interface RootFacts {
  readonly roots: readonly Root[];
  readonly reaches: readonly Reach[];
  /** Sources that could not be asked, or are too old to be believed; a sentence each. */
  readonly missing: readonly string[];
}
