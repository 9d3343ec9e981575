import type { Digest } from '../domain/digest';
import type { RescanSettings } from './messages';

/** How what is released is matched; set by whoever makes the Schedule. */
export interface AdvisoryWatchSettings {
  /** What databases may be believed, and how what is hit is scanned again. */
  readonly rescan: RescanSettings;
  /** SBOMs that one activity reads. */
  readonly sboms: number;
  /** Packages that one activity matches. */
  readonly packages: number;
}

export interface AdvisoryWatchCounts {
  /** SBOMs that came into the index. */
  readonly indexed: number;
  /** Packages whose advisories were looked at. */
  readonly looked: number;
  /** Of these, those with other advisories or new components. */
  readonly matched: number;
  /** Matches of an advisory and a component. */
  readonly appeared: number;
  readonly vanished: number;
  readonly changed: number;
  /** Cases that were told of something new. */
  readonly cases: number;
  /** What could not be read, asked or told. */
  readonly errors: number;
}

/** incomplete: what is in `errors` could not be done; the next run does it. */
export type AdvisoryWatchOutcome = 'done' | 'incomplete';

/** Result of advisoryWatchWorkflow, and what its query `getAdvisoryWatch` shows meanwhile. */
export interface AdvisoryWatchReport {
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Null while it runs. */
  readonly outcome: AdvisoryWatchOutcome | null;
  /** `sha256:` of the database that was matched with; null before. */
  readonly database: string | null;
  /** When its advisories were collected, RFC 3339. */
  readonly databaseAt: string | null;
  /** Whether it is another one than before, so that all of the index was gone through. */
  readonly isNew: boolean;
  readonly counts: AdvisoryWatchCounts;
  /** Whether a rescan was started of what is hit by other advisories than before. */
  readonly rescans: boolean;
  /** The first few cases that were told of something, and errors; one sentence each. */
  readonly found: readonly string[];
  readonly errors: readonly string[];
}

/** What a run carries over continue-as-new. */
export interface AdvisoryWatchState {
  readonly report: AdvisoryWatchReport;
  readonly step: 'index' | 'match' | 'tell';
  /** Where each goes on; null: at the beginning. */
  readonly indexAfter: Digest | null;
  readonly matchAfter: number | null;
}

/** Argument of advisoryWatchWorkflow. `state` is set by continue-as-new only. */
export interface AdvisoryWatchInput {
  readonly settings: AdvisoryWatchSettings;
  readonly state?: AdvisoryWatchState;
}
